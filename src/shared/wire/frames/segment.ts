/** A piece of a queue of frames (frame-queue.ts). */
import { copyTextOf } from '../../memory/memory.ts';
import { giveSpare, SPARE_BYTES, takeSpare } from '../../memory/spare-buffers.ts';
import { FRAME_BODY, FRAME_HEADER_WORDS, FRAME_HELD_AT, FRAME_LENGTH, FRAME_NUMBER, type Frames } from './frames.ts';

/** The first segment of a queue is small, because most queues have few frames. */
export const FIRST_SEGMENT_BYTES = 512;
const FIRST_SEGMENT_FRAMES = 4;
/** A queue that reuses its memory keeps no more than this while it is empty. */
const MOST_KEPT_BYTES = 4 * 1024;
const MOST_KEPT_WORDS = 64 * FRAME_HEADER_WORDS;

/** A number of frames, and their bytes. */
export interface Extent {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Frames packed one after another. They are taken at the front. A segment that was allocated here also grows at the
 * back.
 */
export class Segment {
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

  /**
   * A view of `count` frames from frame `first` on, whose `length` bytes begin at `start`. It is valid as that of
   * `FrameQueue.takeView`.
   */
  view(first: number, start: number, count: number, length: number): Frames {
    return {
      headers: this.headers.subarray(first * FRAME_HEADER_WORDS, (first + count) * FRAME_HEADER_WORDS),
      bytes: this.bytes.subarray(start, start + length),
      count,
    };
  }

  get firstFrame(): Frames {
    return this.view(this.first, this.start, 1, this.word(FRAME_LENGTH));
  }

  /** @returns a view of the frame with this number, modulo 2^32; undefined if there is none */
  find(number: number): Frames | undefined {
    let start = this.start;
    for (let i = this.first; i < this.count; i++) {
      const length = this.headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] as number;
      if (this.headers[i * FRAME_HEADER_WORDS + FRAME_NUMBER] === number) return this.view(i, start, 1, length);
      start += length;
    }
    return undefined;
  }

  /** Removes a frame. @param view of it, as `find` returns it. It is not valid after this */
  remove(view: Frames): void {
    const header = (view.headers.byteOffset - this.headers.byteOffset) / this.headers.BYTES_PER_ELEMENT;
    const at = view.bytes.byteOffset - this.bytes.byteOffset;
    const { length } = view.bytes;
    this.headers.copyWithin(header, header + FRAME_HEADER_WORDS, this.count * FRAME_HEADER_WORDS);
    this.bytes.copyWithin(at, at + length, this.end);
    this.count--;
    this.end -= length;
  }

  /** See frames-in-place.ts. @returns false if `visit` has */
  visitBehind(number: number, visit: (frame: Frames) => boolean): boolean {
    let start = this.start;
    for (let i = this.first; i < this.count; i++) {
      const length = this.headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] as number;
      // Numbers are compared as in serial-arithmetic.ts.
      const isBehind = (((this.headers[i * FRAME_HEADER_WORDS + FRAME_NUMBER] as number) - number) | 0) > 0;
      if (isBehind && !visit(this.view(i, start, 1, length))) return false;
      start += length;
    }
    return true;
  }

  /** How many frames are left. */
  get left(): number {
    return this.count - this.first;
  }

  /** A word of the header of the frame that is `index` frames behind the first. */
  wordOf(index: number, word: number): number {
    return this.headers[(this.first + index) * FRAME_HEADER_WORDS + word] as number;
  }

  /** Removes the first `count` frames, which have `length` bytes. @returns a view of them */
  takeView(count: number, length: number): Frames {
    const view = this.view(this.first, this.start, count, length);
    this.first += count;
    this.start += length;
    return view;
  }

  /** Makes an empty segment one that frames can be pushed to again. @returns false if it is not worth to be kept */
  restart(): boolean {
    if (!this.grows || this.bytes.length > MOST_KEPT_BYTES || this.headers.length > MOST_KEPT_WORDS) return false;
    this.first = this.count = 0;
    this.start = this.end = 0;
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
