/**
 * What a writer has written and its peer has not acknowledged yet, where the protocol has that. It counts as written
 * when it is acknowledged, and goes back when the writer finishes before. It is bounded as the writer is: by the
 * shard's window.
 */
import { since } from '../shared/common/serial-arithmetic.ts';
import { FrameQueue } from '../shared/wire/frame-queue.ts';
import { FRAME_LENGTH, FRAME_NUMBER, type Frames } from '../shared/wire/frames.ts';

export class Unacknowledged {
  readonly #queue = new FrameQueue();

  /** Keeps a copy of what was written, behind all that was written before. */
  add(frames: Frames): void {
    this.#queue.pushRun(frames);
  }

  /**
   * Takes the oldest frame, if its number is not above `number`; both are modulo 2^32. It is a view, which is good
   * until something else is done with frames.
   */
  takeUpTo(number: number): Frames | undefined {
    const first = this.#queue.firstWord(FRAME_NUMBER);
    if (first === undefined || since(first, number) > 0) return undefined;
    return this.#queue.takeView(this.#queue.firstWord(FRAME_LENGTH) ?? 0);
  }

  /** Takes all there is, oldest first. */
  takeAll(): Frames {
    return this.#queue.takeRun(Number.POSITIVE_INFINITY);
  }
}
