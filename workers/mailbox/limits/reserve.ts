/**
 * The reserve: the last part of a limit, in which each sender may have one message. So no sender alone can use up the
 * limit. Senders are told apart by name, because a sender that connects again has a new attachment number.
 */
import { bodyOffsetOf, FRAME_PREFIX_BYTES } from '../../../src/shared/wire/frames/frames.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';

/** One reserve has at most so many senders, because each takes memory. */
const MAX_RESERVE_SENDERS = 4_096;

export class Reserve {
  readonly #senders = new Set<string>();

  /** Whether the sender has its message in the reserve already, or the reserve has too many senders. */
  refuses(sender: string): boolean {
    return this.#senders.has(sender) || this.#senders.size >= MAX_RESERVE_SENDERS;
  }

  add(sender: string): void {
    this.#senders.add(sender);
  }

  /** The reserve is not in use any more. */
  clear(): void {
    if (this.#senders.size > 0) this.#senders.clear();
  }
}

/** The limit without its reserve: every sender may use this part. */
export function withoutReserve(max: number, reservePercent: number): number {
  return Number.isFinite(max) ? max - Math.floor((max * reservePercent) / 100) : max;
}

/** The name of the sender, from the frame, which begins with `from SENDER: `. */
export function senderOf({ memory, frameAt, body }: MessageRecord): string {
  const from = memory.bytes.subarray(
    frameAt + FRAME_PREFIX_BYTES.before,
    frameAt + bodyOffsetOf(body) - FRAME_PREFIX_BYTES.behind,
  );
  return Buffer.from(from).toString('latin1');
}
