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
  FRAME_LENGTH,
  FRAME_NUMBER,
  type Frames,
  REDELIVERED,
} from '../../shared/wire/frames/frames.ts';

/** The frames of one writer, oldest first. */
export class Unacknowledged {
  readonly #queue = new FrameQueue();

  /** Keeps a copy of frames that were written. */
  add(frames: Frames): void {
    this.#queue.pushRun(frames);
  }

  /**
   * Takes the oldest frame if its number is not above `number`; both are modulo 2^32.
   * @returns a view, which is valid until the next use of any frame queue; undefined if there is no such frame
   */
  takeUpTo(number: number): Frames | undefined {
    const first = this.#queue.firstWord(FRAME_NUMBER);
    if (first === undefined || since(first, number) > 0) return undefined;
    return this.#queue.takeView(this.#queue.firstWord(FRAME_LENGTH) ?? 0);
  }

  /** Takes all frames, oldest first. They are marked, because the peer may have them already. */
  takeAll(): Frames {
    const frames = this.#queue.takeRun(Number.POSITIVE_INFINITY);
    for (let at = FRAME_BODY; at < frames.headers.length; at += FRAME_HEADER_WORDS) {
      frames.headers[at] = (frames.headers[at] as number) | REDELIVERED;
    }
    return frames;
  }
}
