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
  REDELIVERED,
  REJECTED,
} from '../../shared/wire/frames/frames.ts';

/** The frames of one writer, oldest first. */
export class Unacknowledged {
  readonly #queue = new FrameQueue();

  /** Keeps a copy of frames that were written. */
  add(frames: Frames): void {
    this.#queue.pushRun(frames);
  }

  /**
   * Takes the oldest frame that was not rejected, if its number is not above `number`; both are modulo 2^32.
   * @returns a view, which is valid until the next use of any frame queue; undefined if there is no such frame
   */
  takeUpTo(number: number): Frames | undefined {
    for (;;) {
      const first = this.#queue.firstWord(FRAME_NUMBER);
      if (first === undefined || since(first, number) > 0) return undefined;
      const frame = this.#queue.takeView(this.#queue.firstWord(FRAME_LENGTH) ?? 0);
      if (!isRejected(frame)) return frame;
    }
  }

  /**
   * Rejects the frame with this number. It is not taken any more.
   * @returns a view of it, valid as above; undefined if there is no such frame
   */
  reject(number: number): Frames | undefined {
    return this.#queue.mark(number, REJECTED);
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

function isRejected(frame: Frames): boolean {
  return (frameWord(frame, 0, FRAME_BODY) & REJECTED) !== 0;
}

function withoutRejected(frames: Frames): Frames {
  if ((kindsOf(frames) & REJECTED) === 0) return frames;
  const kept = new FrameQueue();
  forEachFrame(frames, (at, length, header) => {
    const word = (index: number) => frames.headers[header + index] as number;
    if ((word(FRAME_BODY) & REJECTED) !== 0) return;
    kept.push(frames.bytes, at, length, word(FRAME_BODY), word(FRAME_HELD_AT), word(FRAME_NUMBER));
  });
  return kept.takeRun(Number.POSITIVE_INFINITY);
}
