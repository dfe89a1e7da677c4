/**
 * A run of frames in memory: a table of headers, and the bytes of the frames without gaps. So a run can be written to a
 * socket in one write, and cut between any two frames.
 */
import { copyTextOf } from '../../memory/memory.ts';

/** The bytes before and after the name of the sender in the first part of a frame: `from ` and `: `. */
export const FRAME_PREFIX_BYTES = { before: 5, behind: 2 } as const;
/** Words of the header of one frame, each of 4 bytes. */
export const FRAME_HEADER_WORDS = 4;
/** The length of the frame in bytes, with its LF. */
export const FRAME_LENGTH = 0;
/** Where the message begins in the frame, after `from SENDER: `, and in the upper bits what kind of frame it is. */
export const FRAME_BODY = 1;
/** The bits of FRAME_BODY with the place. A name has 65,535 bytes at most, so 17 bits are enough. */
export const BODY_OFFSET = 2 ** 17 - 1;
/** The message has the form of src/protocol/program-message.ts, because a program has sent it. */
export const FROM_PROGRAM = 2 ** 17;
/** The frame was written before, to a peer that has not acknowledged it. */
export const REDELIVERED = 2 ** 18;

/** The frame is in the store until it is written, whether or not its name is here. */
export const DURABLE = 2 ** 19;
/** Its sender is told when it is done with. */
export const WANTS_RECEIPT = 2 ** 20;
/** Its program has rejected it. No stored frame has this. */
export const REJECTED = 2 ** 21;

/** It need not be delivered after a time that its message has (message-head.ts). */
export const EXPIRES = 2 ** 22;

/** All bits of FRAME_BODY that a stored frame may have. */
export const KNOWN_BITS = BODY_OFFSET | FROM_PROGRAM | REDELIVERED | DURABLE | WANTS_RECEIPT | EXPIRES;

/** @returns where the message begins in a frame. @param body the word FRAME_BODY of its header */
export function bodyOffsetOf(body: number): number {
  return body & BODY_OFFSET;
}
/** When the frame was first held, in seconds since 1970, or 0 if it never was. */
export const FRAME_HELD_AT = 2;
/**
 * The number of the frame in the mail of its name, modulo 2^32. The numbers of a name rise by one a frame, across all
 * its attachments. They are the order of its mail, in memory and in the store.
 */
export const FRAME_NUMBER = 3;

/** A run of `count` frames. `headers` has their headers and `bytes` their bytes, and nothing else. */
export interface Frames {
  readonly headers: Int32Array;
  readonly bytes: Uint8Array;
  readonly count: number;
}

/** An empty run. */
export const NO_FRAMES: Frames = { headers: new Int32Array(0), bytes: new Uint8Array(0), count: 0 };

/** @returns how many frames and bytes several runs have together */
export function sizeOf(runs: readonly Frames[]): { readonly frames: number; readonly bytes: number } {
  let frames = 0;
  let bytes = 0;
  for (const run of runs) {
    frames += run.count;
    bytes += run.bytes.length;
  }
  return { frames, bytes };
}

/** @returns word `word` of the header of frame `index` */
export function frameWord(frames: Frames, index: number, word: number): number {
  return frames.headers[index * FRAME_HEADER_WORDS + word] as number;
}

/** @returns a view of the frames from number `first` on, whose bytes begin at `offset` */
export function framesFrom(frames: Frames, first: number, offset: number): Frames {
  if (first === 0) return frames;
  return {
    headers: frames.headers.subarray(first * FRAME_HEADER_WORDS),
    bytes: frames.bytes.subarray(offset),
    count: frames.count - first,
  };
}

/** @returns a view of the first `count` frames, which have `length` bytes */
export function framesUpTo(frames: Frames, count: number, length: number): Frames {
  if (count === frames.count) return frames;
  return {
    headers: frames.headers.subarray(0, count * FRAME_HEADER_WORDS),
    bytes: frames.bytes.subarray(0, length),
    count,
  };
}

/** Allocates a run in one buffer of its own: the headers, and after them the bytes, with nothing else. */
export function newFrames(count: number, length: number): Frames {
  const headerBytes = count * FRAME_HEADER_WORDS * 4;
  const buffer = new ArrayBuffer(headerBytes + length);
  return {
    headers: new Int32Array(buffer, 0, count * FRAME_HEADER_WORDS),
    bytes: new Uint8Array(buffer, headerBytes),
    count,
  };
}

/** @returns a copy in a buffer of its own, which can be kept, or moved to another thread, and pins nothing else */
export function ownFrames(frames: Frames): Frames {
  const own = newFrames(frames.count, frames.bytes.length);
  own.headers.set(frames.headers);
  copyTextOf(frames.bytes, 0, own.bytes, 0, frames.bytes.length);
  return own;
}

/** @returns the words FRAME_BODY of all frames, or-ed: a bit of a kind is set if any of them has it */
export function kindsOf({ headers }: Frames): number {
  let kinds = 0;
  for (let at = FRAME_BODY; at < headers.length; at += FRAME_HEADER_WORDS) kinds |= headers[at] as number;
  return kinds;
}

/**
 * Calls `visit` for each frame.
 * @param visit gets the first byte and the length of the frame, and the index of its header's first word
 */
export function forEachFrame(run: Frames, visit: (at: number, length: number, header: number) => void): void {
  let at = 0;
  for (let header = 0; header < run.headers.length; header += FRAME_HEADER_WORDS) {
    const length = run.headers[header + FRAME_LENGTH] as number;
    visit(at, length, header);
    at += length;
  }
}

/** @returns how many frames are wholly in the first `maxBytes` bytes, and their length in bytes */
export function framesWithin(frames: Frames, maxBytes: number): { count: number; length: number } {
  let count = 0;
  let length = 0;
  while (count < frames.count && length + frameWord(frames, count, FRAME_LENGTH) <= maxBytes) {
    length += frameWord(frames, count, FRAME_LENGTH);
    count++;
  }
  return { count, length };
}

/**
 * Whether any of several frames may be in the store. A frame stays there only until it is written, so that report must
 * not wait. Held frames never are between live ones, so the first and the last frame tell.
 */
export function mayBeStored(firstHeldAt: number, lastHeldAt: number): boolean {
  return firstHeldAt !== 0 || lastHeldAt !== 0;
}

/** As `mayBeStored`, for a run. */
export function framesMayBeStored(frames: Frames): boolean {
  return mayBeStored(frameWord(frames, 0, FRAME_HELD_AT), frameWord(frames, frames.count - 1, FRAME_HELD_AT));
}
