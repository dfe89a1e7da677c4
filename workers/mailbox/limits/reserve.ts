/**
 * The last part of a limit: each sender may have one message in it, so that no sender alone uses up the limit for all.
 * Senders are told apart by their names, because a sender that connects again has another number.
 */
import { FRAME_PREFIX_BYTES } from '../../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';

/** Most senders in one reserve, whatever its limit is. */
const MAX_RESERVE_SENDERS = 4_096;

export class Reserve {
  readonly #senders = new Set<string>();

  /** Whether the sender has a message in it already, or there are too many senders. */
  refuses(sender: string): boolean {
    return this.#senders.has(sender) || this.#senders.size >= MAX_RESERVE_SENDERS;
  }

  /** The sender has its message in it. */
  add(sender: string): void {
    this.#senders.add(sender);
  }

  /** The last part is not in use any more. */
  clear(): void {
    if (this.#senders.size > 0) this.#senders.clear();
  }
}

/** The limit without its last part: so much anybody may use. */
export function withoutReserve(max: number, reservePercent: number): number {
  return Number.isFinite(max) ? max - Math.floor((max * reservePercent) / 100) : max;
}

/** The name of the sender, from the frame: `from SENDER: `. */
export function senderOf({ memory, frameAt, bodyOffset }: MessageRecord): string {
  const from = memory.bytes.subarray(
    frameAt + FRAME_PREFIX_BYTES.before,
    frameAt + bodyOffset - FRAME_PREFIX_BYTES.behind,
  );
  return Buffer.from(from).toString('latin1');
}
