/**
 * A queue of frames, packed in segments. A shard has one for the front and back of a mailbox, and a writer has one for
 * frames that its socket does not take yet. A frame is copied out of its batch when it is pushed, so that a small frame
 * cannot pin a large batch.
 */
import { copyTextOf } from '../../memory/memory.ts';
import { SPARE_BYTES } from '../../memory/spare-buffers.ts';
import {
  EXPIRES,
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
  type Frames,
  forEachFrame,
  kindsOf,
  NO_FRAMES,
  newFrames,
} from './frames.ts';
import { expiryOf, NEVER } from './message-head.ts';
import { type Extent, FIRST_SEGMENT_BYTES, Segment } from './segment.ts';

/** A queue of frames, in order. */
export class FrameQueue {
  #segments: Segment[] = [];
  #count = 0;
  #bytes = 0;
  #firstExpiry = NEVER;
  readonly #reuses: boolean;
  #emptied: Segment | undefined;
  /** The last segment that was emptied, if it is too large to be used again here. A view may be of it. */
  #viewed: Segment | undefined;

  /**
   * @param reuses whether the memory of the last segment is used again after it was emptied. To allocate it anew in
   *   each turn takes longer than to copy the frames into it
   */
  constructor(reuses = false) {
    this.#reuses = reuses;
  }

  get count(): number {
    return this.#count;
  }

  /** No frame in the queue expires before this time, in seconds since 1970. */
  get firstExpiry(): number {
    return this.#firstExpiry;
  }

  /** Its pieces, in order, for frames-in-place.ts. */
  get segments(): readonly Segment[] {
    return this.#segments;
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
      last = this.#nextSegment(length, last);
      last.push(source, at, length, body, heldAt, number);
      this.#segments.push(last);
    }
    this.#count++;
    this.#bytes += length;
    if ((body & EXPIRES) !== 0) this.#noteExpiry(expiryOf(body, source, at, length));
  }

  /** @param last the last segment, if there is any */
  #nextSegment(length: number, last: Segment | undefined): Segment {
    const emptied = this.#emptied;
    this.#emptied = undefined;
    if (emptied !== undefined && last === undefined) return emptied;
    // After a full segment the next one has the full size at once, because much mail is waiting.
    return new Segment(length > SPARE_BYTES ? length : last?.grows === true ? SPARE_BYTES : FIRST_SEGMENT_BYTES);
  }

  #noteExpiry(seconds: number): void {
    if (seconds < this.#firstExpiry) this.#firstExpiry = seconds;
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
   * @returns a view, which is valid until this thread takes a spare buffer (spare-buffers.ts); of a queue that reuses
   *   its memory until the next push to it, or `endView`
   */
  takeView(maxBytes: number): Frames {
    const segment = this.#segments[0];
    if (segment === undefined) return NO_FRAMES;
    let count = 1;
    let bytes = segment.word(FRAME_LENGTH);
    for (; count < segment.left; count++) {
      const length = segment.wordOf(count, FRAME_LENGTH);
      if (bytes + length > maxBytes) break;
      bytes += length;
    }
    return this.#takeFrom(segment, count, bytes);
  }

  /**
   * Takes frames from the front, without a copy, as far as `takes` is true and they are in one segment.
   * @param takes gets the words FRAME_BODY and FRAME_NUMBER of a frame
   * @returns a view as that of `takeView`
   */
  takeViewWhile(takes: (body: number, number: number) => boolean): Frames {
    const segment = this.#segments[0];
    if (segment === undefined) return NO_FRAMES;
    let count = 0;
    let bytes = 0;
    for (; count < segment.left; count++) {
      if (!takes(segment.wordOf(count, FRAME_BODY), segment.wordOf(count, FRAME_NUMBER))) break;
      bytes += segment.wordOf(count, FRAME_LENGTH);
    }
    return count === 0 ? NO_FRAMES : this.#takeFrom(segment, count, bytes);
  }

  #takeFrom(segment: Segment, count: number, bytes: number): Frames {
    const view = segment.takeView(count, bytes);
    this.#count -= count;
    this.#bytes -= bytes;
    this.#shiftEmpty(segment);
    return view;
  }

  /**
   * Puts returned mail at the front.
   * @param runs oldest first; they become part of the queue without a copy
   * @param heldAt in seconds since 1970, for frames that were never held before
   */
  unshift(runs: readonly Frames[], heldAt: number): void {
    const segments: Segment[] = [];
    for (const run of runs.filter(({ count }) => count > 0)) {
      for (let i = FRAME_HELD_AT; i < run.headers.length; i += FRAME_HEADER_WORDS) {
        if (run.headers[i] === 0) run.headers[i] = heldAt;
      }
      if ((kindsOf(run) & EXPIRES) !== 0) {
        forEachFrame(run, (at, length, header) => {
          this.#noteExpiry(expiryOf(run.headers[header + FRAME_BODY] as number, run.bytes, at, length));
        });
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
   * @param dropped is called with a view of each, which is valid as that of `takeView`
   */
  dropHeldBefore(oldest: number, dropped: (frame: Frames) => void): void {
    for (;;) {
      const segment = this.#segments[0];
      if (segment === undefined || segment.word(FRAME_HELD_AT) >>> 0 >= oldest) return;
      dropped(segment.firstFrame);
      this.#bytes -= segment.word(FRAME_LENGTH);
      this.#count--;
      segment.skip();
      this.#shiftEmpty(segment);
    }
  }

  /**
   * Drops the frames that have expired, wherever they are in the queue.
   * @param now in seconds since 1970
   * @param dropped see `dropHeldBefore`
   */
  dropExpired(now: number, dropped: (frame: Frames) => void): void {
    if (this.#firstExpiry > now) return;
    const kept = new FrameQueue();
    for (const segment of this.#segments) {
      for (; !segment.empty; segment.skip()) {
        const { bytes, start } = segment;
        const length = segment.word(FRAME_LENGTH);
        const body = segment.word(FRAME_BODY);
        if (expiryOf(body, bytes, start, length) <= now) dropped(segment.firstFrame);
        else kept.push(bytes, start, length, body, segment.word(FRAME_HELD_AT), segment.word(FRAME_NUMBER));
      }
      segment.discard();
    }
    this.#segments = kept.#segments;
    this.#count = kept.count;
    this.#bytes = kept.bytes;
    this.#firstExpiry = kept.firstExpiry;
  }

  /**
   * Drops the frame with this number, modulo 2^32, wherever it is in the queue.
   * @param dropped see `dropHeldBefore`
   * @returns whether there was one
   */
  dropOne(number: number, dropped: (frame: Frames) => void): boolean {
    const segment = this.#segments.find((each) => each.find(number) !== undefined);
    const frame = segment?.find(number);
    if (segment === undefined || frame === undefined) return false;
    dropped(frame);
    this.#count--;
    this.#bytes -= frame.bytes.length;
    segment.remove(frame);
    if (segment.empty) this.#segments = this.#segments.filter((each) => each !== segment);
    return true;
  }

  /** No view of a queue that reuses its memory is used any more. */
  endView(): void {
    this.#viewed?.discard();
    this.#viewed = undefined;
  }

  #shiftEmpty(first: Segment): void {
    if (!first.empty) return;
    this.#segments.shift();
    if (!this.#reuses) first.discard();
    else if (first.restart()) this.#emptied = first;
    else this.#viewed = first;
  }
}
