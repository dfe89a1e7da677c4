/**
 * A run of delivered lines as it lies in memory: a table of frame headers, and the frames' bytes without a gap, so that
 * the whole run can be given to a socket in one write and cut between any two frames.
 */
import { copyTextOf } from '../memory/memory.ts';

/** What stands before and behind the sender's name in what a frame has before its message: `from ` and `: `. */
export const FRAME_PREFIX_BYTES = { before: 5, behind: 2 } as const;
/** Words (of 4 bytes) of one frame's header. */
export const FRAME_HEADER_WORDS = 4;
/** The frame's length in bytes, its LF included. */
export const FRAME_LENGTH = 0;
/** Where the message begins in the frame: what stands before is `from SENDER: `. */
export const FRAME_BODY = 1;
/** When the frame was first held, in seconds since 1970, or 0 if it never was. */
export const FRAME_HELD_AT = 2;
/**
 * Its number in the mail of its name, modulo 2^32. The numbers of a name rise by one a frame, whoever is attached, so
 * they are the order of its mail, in memory and in the store.
 */
export const FRAME_NUMBER = 3;

/** A view of `count` frames; `headers` holds their headers and `bytes` their bytes, nothing else. */
export interface Frames {
  readonly headers: Int32Array;
  readonly bytes: Uint8Array;
  readonly count: number;
}

export const NO_FRAMES: Frames = { headers: new Int32Array(0), bytes: new Uint8Array(0), count: 0 };

/** Word `word` of the header of frame `index`. */
export function frameWord(frames: Frames, index: number, word: number): number {
  return frames.headers[index * FRAME_HEADER_WORDS + word] as number;
}

/** The frames from `first` on, which begin at byte `offset`: a view, not a copy. */
export function framesFrom(frames: Frames, first: number, offset: number): Frames {
  if (first === 0) return frames;
  return {
    headers: frames.headers.subarray(first * FRAME_HEADER_WORDS),
    bytes: frames.bytes.subarray(offset),
    count: frames.count - first,
  };
}

/** The first `count` frames, which are `length` bytes: a view, not a copy. */
export function framesUpTo(frames: Frames, count: number, length: number): Frames {
  if (count === frames.count) return frames;
  return {
    headers: frames.headers.subarray(0, count * FRAME_HEADER_WORDS),
    bytes: frames.bytes.subarray(0, length),
    count,
  };
}

/** Room for frames in a buffer of their own: the headers, and behind them the bytes, with nothing before or after. */
export function newFrames(count: number, length: number): Frames {
  const headerBytes = count * FRAME_HEADER_WORDS * 4;
  const buffer = new ArrayBuffer(headerBytes + length);
  return {
    headers: new Int32Array(buffer, 0, count * FRAME_HEADER_WORDS),
    bytes: new Uint8Array(buffer, headerBytes),
    count,
  };
}

/** A copy in a buffer of its own, which then can be kept or moved to another thread without pinning anything else. */
export function ownFrames(frames: Frames): Frames {
  const own = newFrames(frames.count, frames.bytes.length);
  own.headers.set(frames.headers);
  copyTextOf(frames.bytes, 0, own.bytes, 0, frames.bytes.length);
  return own;
}

/** Calls `visit` with each frame's place in the bytes, and the first word of its header. */
export function forEachFrame(run: Frames, visit: (at: number, length: number, header: number) => void): void {
  let at = 0;
  for (let header = 0; header < run.headers.length; header += FRAME_HEADER_WORDS) {
    const length = run.headers[header + FRAME_LENGTH] as number;
    visit(at, length, header);
    at += length;
  }
}

/** How many frames lie wholly in the first `maxBytes` bytes, and their length in bytes. */
export function framesWithin(frames: Frames, maxBytes: number): { count: number; length: number } {
  let count = 0;
  let length = 0;
  while (count < frames.count && length + frameWord(frames, count, FRAME_LENGTH) <= maxBytes) {
    length += frameWord(frames, count, FRAME_LENGTH);
    count++;
  }
  return { count, length };
}
