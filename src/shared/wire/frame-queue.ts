/**
 * Frames that wait, in order, packed in segments: a name's mailbox in its shard, and what a writer was handed and its
 * socket does not take yet. What is pushed is copied out of the batch it came in, so that a small frame cannot pin it.
 */
import { copyTextOf } from '../memory/memory.ts';
import { giveSpare, SPARE_BYTES, takeSpare } from '../memory/spare-buffers.ts';
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

/** Frames packed behind one another, taken from the front and, where it grew here, added to at the back. */
class Segment {
  headers: Int32Array;
  bytes: Uint8Array;
  /** The first frame that is left, and where its bytes begin. */
  first = 0;
  start = 0;
  /** Behind the last frame. */
  count: number;
  end: number;
  readonly grows: boolean;

  /** @param filled the frames it has, which then are all; or the bytes it begins with room for */
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

  /** Adds a frame. @returns false if the segment is as large as it may be */
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

  /** Goes past the first frame. */
  skip(): void {
    this.start += this.word(FRAME_LENGTH);
    this.first++;
  }

  /** Nothing looks at it any more. */
  discard(): void {
    if (this.grows && this.bytes.length === SPARE_BYTES) giveSpare(this.bytes);
  }
}

function roomOf(bytes: number): Uint8Array {
  return bytes === SPARE_BYTES ? takeSpare() : new Uint8Array(bytes);
}

/** How many frames, and of how many bytes. */
export interface Extent {
  readonly count: number;
  readonly bytes: number;
}

export class FrameQueue {
  #segments: Segment[] = [];
  #count = 0;
  #bytes = 0;

  get count(): number {
    return this.#count;
  }

  /** The bytes of all frames. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a copy of the frame at [at, at + length) of `source`, behind all others. */
  push(source: Uint8Array, at: number, length: number, body: number, heldAt: number, number: number): void {
    // Never index -1: one look there, and V8 takes the slow way for every look after it.
    const segments = this.#segments.length;
    let last = segments > 0 ? this.#segments[segments - 1] : undefined;
    if (last === undefined || !last.push(source, at, length, body, heldAt, number)) {
      // Where there is so much that one was filled here, the next is as large at once.
      last = new Segment(length > SPARE_BYTES ? length : last?.grows === true ? SPARE_BYTES : FIRST_SEGMENT_BYTES);
      last.push(source, at, length, body, heldAt, number);
      this.#segments.push(last);
    }
    this.#count++;
    this.#bytes += length;
  }

  /** Adds a copy of a run of frames, behind all others. */
  pushRun(run: Frames): void {
    forEachFrame(run, (at, length, header) => {
      const body = run.headers[header + FRAME_BODY] as number;
      const heldAt = run.headers[header + FRAME_HELD_AT] as number;
      this.push(run.bytes, at, length, body, heldAt, run.headers[header + FRAME_NUMBER] as number);
    });
  }

  /** The header word of the first frame; undefined without one. */
  firstWord(word: number): number | undefined {
    return this.#segments[0]?.word(word);
  }

  /** Takes from the front what fits in `maxBytes`, one frame at least, in a buffer of its own. */
  takeRun(maxBytes: number): Frames {
    const extent = this.extent(maxBytes, true);
    const run = newFrames(extent.count, extent.bytes);
    this.take(extent.count, run.headers, 0, run.bytes, 0);
    return run;
  }

  /**
   * Takes from the front what fits in `maxBytes` and lies together, one frame at least: a view, which is good until a
   * spare buffer is taken in this thread (spare-buffers.ts).
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

  /** Puts mail that came back before all others; the runs are oldest first, and are kept, not copied. */
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

  /** How much of the front fits in `maxBytes`; at least one frame if `atLeastOne`. */
  extent(maxBytes: number, atLeastOne: boolean): Extent {
    let count = 0;
    let bytes = 0;
    for (const segment of this.#segments) {
      for (let i = segment.first; i < segment.count; i++) {
        const length = segment.headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] as number;
        if (bytes + length > maxBytes && !(atLeastOne && count === 0)) return { count, bytes };
        count++;
        bytes += length;
      }
    }
    return { count, bytes };
  }

  /** Moves the first `count` frames to where `headers` and `bytes` point. */
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
   * Drops frames from the front that were held before `oldest`. @returns what was dropped, and the last one's number
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

  #shiftEmpty(first: Segment): void {
    if (!first.empty) return;
    this.#segments.shift();
    first.discard();
  }
}
