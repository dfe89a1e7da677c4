/**
 * Frames that a writer has written and its peer has not acknowledged, where the protocol acknowledges mail. A frame
 * counts as written once it is acknowledged. If the writer finishes before, the frame is returned. The window of the
 * shard bounds these frames, as it bounds the writer.
 */
import { since } from '../../shared/common/serial-arithmetic.ts';
import { FrameQueue } from '../../shared/wire/frames/frame-queue.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
  type Frames,
  forEachFrame,
  frameWord,
  kindsOf,
  ownFrames,
  REDELIVERED,
  REJECTED,
} from '../../shared/wire/frames/frames.ts';
import { markFrame } from '../../shared/wire/frames/frames-in-place.ts';

/** The frames of one writer, oldest first. */
export class Unacknowledged {
  readonly #queue = new FrameQueue(true);
  /** The numbers of rejected frames that are kept, or were until `takeAll`; undefined if there was never one. */
  #rejected: Set<number> | undefined;
  /** The number of the last frame that was taken: all up to it are done with. Undefined if there is none. */
  #doneNumber: number | undefined;

  get doneNumber(): number | undefined {
    return this.#doneNumber;
  }

  /** The numbers, modulo 2^32, of rejected frames behind `doneNumber`. */
  get rejectedNumbers(): readonly number[] {
    return this.#rejected === undefined ? [] : [...this.#rejected];
  }

  /** Keeps a copy of frames that were written. */
  add(frames: Frames): void {
    this.#queue.pushRun(frames);
  }

  /**
   * Takes the oldest frames whose numbers are not above `number`, up to the next one that was rejected; all numbers are
   * modulo 2^32.
   * @returns a view, which is valid until the next use of this; undefined if there are no such frames
   */
  takeUpTo(number: number): Frames | undefined {
    this.#queue.endView();
    this.#takeRejected();
    const frames = this.#queue.takeViewWhile((body, its) => !isRejected(body) && since(its, number) <= 0);
    if (frames.count === 0) return undefined;
    this.#doneNumber = frameWord(frames, frames.count - 1, FRAME_NUMBER);
    return frames;
  }

  /**
   * Rejects the frame with this number. It is not taken any more.
   * @returns a copy of it; undefined if there is no such frame
   */
  reject(number: number): Frames | undefined {
    const frame = markFrame(this.#queue, number, REJECTED);
    if (frame === undefined) return undefined;
    this.#rejected ??= new Set();
    this.#rejected.add(number);
    const own = ownFrames(frame);
    // A program that rejects everything acknowledges nothing, and these frames would be kept for ever.
    this.#takeRejected();
    return own;
  }

  /** Takes the oldest frames as long as they are rejected. */
  #takeRejected(): void {
    for (;;) {
      const first = this.#queue.firstWord(FRAME_NUMBER);
      if (first === undefined || !isRejected(this.#queue.firstWord(FRAME_BODY) ?? 0)) return;
      this.#takeFirst(first);
      this.#rejected?.delete(first);
    }
  }

  #takeFirst(number: number): Frames {
    this.#doneNumber = number;
    return this.#queue.takeView(this.#queue.firstWord(FRAME_LENGTH) ?? 0);
  }

  /** Takes all frames that were not rejected, oldest first. They are marked, because the peer may have them already. */
  takeAll(): Frames {
    const frames = withoutRejected(this.#queue.takeRun(Number.POSITIVE_INFINITY));
    for (let at = FRAME_BODY; at < frames.headers.length; at += FRAME_HEADER_WORDS) {
      frames.headers[at] = (frames.headers[at] as number) | REDELIVERED;
    }
    return frames;
  }
}

function isRejected(body: number): boolean {
  return (body & REJECTED) !== 0;
}

function withoutRejected(frames: Frames): Frames {
  if (!isRejected(kindsOf(frames))) return frames;
  const kept = new FrameQueue();
  forEachFrame(frames, (at, length, header) => {
    const word = (index: number) => frames.headers[header + index] as number;
    if (isRejected(word(FRAME_BODY))) return;
    kept.push(frames.bytes, at, length, word(FRAME_BODY), word(FRAME_HELD_AT), word(FRAME_NUMBER));
  });
  return kept.takeRun(Number.POSITIVE_INFINITY);
}
