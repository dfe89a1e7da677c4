/**
 * A queue of frames, packed in segments. A shard has one for the front and back of a mailbox, and a writer has one for
 * frames that its socket does not take yet. A frame is copied out of its batch when it is pushed, so that a small frame
 * cannot pin a large batch.
 */
import { copyTextOf } from '../../memory/memory.ts';
import { giveSpare, SPARE_BYTES, takeSpare } from '../../memory/spare-buffers.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
  type Frames,
  forEachFrame,
  NO_FRAMES,
  newFrames,
} from './frames.ts';

const FIRST_SEGMENT_BYTES = 512;
const FIRST_SEGMENT_FRAMES = 4;

/**
 * Frames packed one after another. They are taken at the front. A segment that was allocated here also grows at the
 * back.
 */
class Segment {
  headers: Int32Array;
  bytes: Uint8Array;
  /** The first frame that is left, and the first of its bytes. */
  first = 0;
  start = 0;
  /** After the last frame, and after its bytes. */
  count: number;
  end: number;
  readonly grows: boolean;

  /** @param filled all the frames that the segment will have; or the bytes to have room for at first */
  constructor(filled: Frames | number) {
    const frames = typeof filled === 'number' ? undefined : filled;
    this.grows = frames === undefined;
    this.headers = frames?.headers ?? new Int32Array(FIRST_SEGMENT_FRAMES * FRAME_HEADER_WORDS);
    this.bytes = typeof filled === 'number' ? roomOf(filled) : filled.bytes;
    this.count = frames?.count ?? 0;
    this.end = frames?.bytes.length ?? 0;
  }

  get empty(): boolean {
    return this.first === this.count;
  }

  /** Adds a frame, for which see `FrameQueue.push`. @returns false if the segment is full */
  push(source: Uint8Array, at: number, length: number, body: number, heldAt: number, number: number): boolean {
    if (!this.grows || (this.end > 0 && this.end + length > SPARE_BYTES)) return false;
    if (this.end + length > this.bytes.length) {
      const larger = roomOf(Math.max(this.end + length, Math.min(this.bytes.length * 2, SPARE_BYTES)));
      larger.set(this.bytes.subarray(0, this.end));
      this.bytes = larger;
    }
    const header = this.count * FRAME_HEADER_WORDS;
    if (header === this.headers.length) {
      const larger = new Int32Array(this.headers.length * 2);
      larger.set(this.headers);
      this.headers = larger;
    }
    this.headers[header + FRAME_LENGTH] = length;
    this.headers[header + FRAME_BODY] = body;
    this.headers[header + FRAME_HELD_AT] = heldAt;
    this.headers[header + FRAME_NUMBER] = number;
    copyTextOf(source, at, this.bytes, this.end, length);
    this.count++;
    this.end += length;
    return true;
  }

  word(word: number): number {
    return this.headers[this.first * FRAME_HEADER_WORDS + word] as number;
  }

  /** Removes the first frame. */
  skip(): void {
    this.start += this.word(FRAME_LENGTH);
    this.first++;
  }

  /** The segment is not used any more. */
  discard(): void {
    if (this.grows && this.bytes.length === SPARE_BYTES) giveSpare(this.bytes);
  }
}

function roomOf(bytes: number): Uint8Array {
  return bytes === SPARE_BYTES ? takeSpare() : new Uint8Array(bytes);
}

/** A number of frames, and their bytes. */
export interface Extent {
  readonly count: number;
  readonly bytes: number;
}

/** A queue of frames, in order. */
export class FrameQueue {
  #segments: Segment[] = [];
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** The bytes of all frames in the queue. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a copy of a frame at the back.
   * @param source has the frame in its `length` bytes from `at` on
   * @param body where the message begins in the frame
   * @param heldAt in seconds since 1970, or 0
   * @param number of the frame, modulo 2^32
   */
  push(source: Uint8Array, at: number, length: number, body: number, heldAt: number, number: number): void {
    // The index -1 must not be read: V8 would take its slow path for this array from then on.
    const segments = this.#segments.length;
    let last = segments > 0 ? this.#segments[segments - 1] : undefined;
    if (last === undefined || !last.push(source, at, length, body, heldAt, number)) {
      // After a full segment the next one has the full size at once, because much mail is waiting.
      last = new Segment(length > SPARE_BYTES ? length : last?.grows === true ? SPARE_BYTES : FIRST_SEGMENT_BYTES);
      last.push(source, at, length, body, heldAt, number);
      this.#segments.push(last);
    }
    this.#count++;
    this.#bytes += length;
  }

  /** Adds a copy of a run of frames at the back. */
  pushRun(run: Frames): void {
    forEachFrame(run, (at, length, header) => {
      const body = run.headers[header + FRAME_BODY] as number;
      const heldAt = run.headers[header + FRAME_HELD_AT] as number;
      this.push(run.bytes, at, length, body, heldAt, run.headers[header + FRAME_NUMBER] as number);
    });
  }

  /** @returns a word of the header of the first frame; undefined if the queue is empty */
  firstWord(word: number): number | undefined {
    return this.#segments[0]?.word(word);
  }

  /** Takes frames from the front, in a buffer of their own: at least one frame, and as many as fit into `maxBytes`. */
  takeRun(maxBytes: number): Frames {
    const extent = this.extent(maxBytes, true);
    const run = newFrames(extent.count, extent.bytes);
    this.take(extent.count, run.headers, 0, run.bytes, 0);
    return run;
  }

  /**
   * Takes frames from the front, without a copy: at least one, and as many as fit into `maxBytes` and are in one
   * segment.
   * @returns a view, which is valid until this thread takes a spare buffer (spare-buffers.ts)
   */
  takeView(maxBytes: number): Frames {
    const segment = this.#segments[0];
    if (segment === undefined) return NO_FRAMES;
    const { first, start, headers, bytes } = segment;
    while (!segment.empty) {
      const length = segment.word(FRAME_LENGTH);
      if (segment.first > first && segment.start + length - start > maxBytes) break;
      segment.skip();
    }
    const count = segment.first - first;
    this.#count -= count;
    this.#bytes -= segment.start - start;
    this.#shiftEmpty(segment);
    return {
      headers: headers.subarray(first * FRAME_HEADER_WORDS, (first + count) * FRAME_HEADER_WORDS),
      bytes: bytes.subarray(start, segment.start),
      count,
    };
  }

  /**
   * Puts returned mail at the front.
   * @param runs oldest first; they become part of the queue without a copy
   * @param heldAt in seconds since 1970, for frames that were never held before
   */
  unshift(runs: readonly Frames[], heldAt: number): void {
    const segments: Segment[] = [];
    for (const run of runs) {
      if (run.count === 0) continue;
      for (let i = FRAME_HELD_AT; i < run.headers.length; i += FRAME_HEADER_WORDS) {
        if (run.headers[i] === 0) run.headers[i] = heldAt;
      }
      segments.push(new Segment(run));
      this.#count += run.count;
      this.#bytes += run.bytes.length;
    }
    this.#segments = [...segments, ...this.#segments];
  }

  /**
   * @returns how many frames at the front fit into `maxBytes`, and no more than `maxFrames`; at least one, whatever its
   *   size, if `atLeastOne`
   */
  extent(maxBytes: number, atLeastOne: boolean, maxFrames = Number.POSITIVE_INFINITY): Extent {
    let count = 0;
    let bytes = 0;
    for (const segment of this.#segments) {
      for (let i = segment.first; i < segment.count; i++) {
        const length = segment.headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] as number;
        if (count >= maxFrames) return { count, bytes };
        if (bytes + length > maxBytes && !(atLeastOne && count === 0)) return { count, bytes };
        count++;
        bytes += length;
      }
    }
    return { count, bytes };
  }

  /**
   * Takes `count` frames from the front, and copies them to `headers` from word `headersAt` on and to `bytes` from
   * `bytesAt` on.
   */
  take(count: number, headers: Int32Array, headersAt: number, bytes: Uint8Array, bytesAt: number): void {
    let header = headersAt;
    let at = bytesAt;
    let left = count;
    while (left > 0) {
      const segment = this.#segments[0];
      if (segment === undefined) return;
      const from = segment.start;
      while (left > 0 && !segment.empty) {
        for (let word = 0; word < FRAME_HEADER_WORDS; word++) headers[header + word] = segment.word(word);
        header += FRAME_HEADER_WORDS;
        left--;
        this.#count--;
        segment.skip();
      }
      copyTextOf(segment.bytes, from, bytes, at, segment.start - from);
      at += segment.start - from;
      this.#bytes -= segment.start - from;
      this.#shiftEmpty(segment);
    }
  }

  /**
   * Drops frames from the front that were held before `oldest`, in seconds since 1970.
   * @returns how much was dropped, and the number of the last frame that was; 0 if none was
   */
  expire(oldest: number): Extent & { readonly number: number } {
    const count = this.#count;
    const bytes = this.#bytes;
    let number = 0;
    for (;;) {
      const segment = this.#segments[0];
      if (segment === undefined || segment.word(FRAME_HELD_AT) >>> 0 >= oldest) break;
      number = segment.word(FRAME_NUMBER);
      this.#bytes -= segment.word(FRAME_LENGTH);
      this.#count--;
      segment.skip();
      this.#shiftEmpty(segment);
    }
    return { count: count - this.#count, bytes: bytes - this.#bytes, number };
  }

  /**
   * Sets a bit of FRAME_BODY in the frame with this number, modulo 2^32.
   * @returns a view of the frame, which is valid as that of `takeView`; undefined if there is none, or it has the bit
   */
  mark(number: number, bit: number): Frames | undefined {
    for (const segment of this.#segments) {
      let start = segment.start;
      for (let i = segment.first; i < segment.count; i++) {
        const header = i * FRAME_HEADER_WORDS;
        const length = segment.headers[header + FRAME_LENGTH] as number;
        if (segment.headers[header + FRAME_NUMBER] === number) {
          const headers = segment.headers.subarray(header, header + FRAME_HEADER_WORDS);
          const body = headers[FRAME_BODY] as number;
          headers[FRAME_BODY] = body | bit;
          return (body & bit) === 0
            ? { headers, bytes: segment.bytes.subarray(start, start + length), count: 1 }
            : undefined;
        }
        start += length;
      }
    }
    return undefined;
  }

  #shiftEmpty(first: Segment): void {
    if (!first.empty) return;
    this.#segments.shift();
    first.discard();
  }
}
