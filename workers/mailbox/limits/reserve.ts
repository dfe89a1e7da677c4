/**
 * The last part of a limit: it is for senders who have nothing in it yet, one message each, so that nobody shuts the
 * others out alone. A sender is told by its name: it may come again, and be somebody else by number.
 */
import { FRAME_PREFIX_BYTES } from '../../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';

/** Senders that one reserve has room for, whatever the limit: past that nobody more is let in. */
const MAX_RESERVE_SENDERS = 4_096;

export class Reserve {
  readonly #senders = new Set<string>();

  /** Whether a sender has something in it already, or there is no room for another. */
  refuses(sender: string): boolean {
    return this.#senders.has(sender) || this.#senders.size >= MAX_RESERVE_SENDERS;
  }

  add(sender: string): void {
    this.#senders.add(sender);
  }

  /** Less than the limit without its last part is used again. */
  clear(): void {
    if (this.#senders.size > 0) this.#senders.clear();
  }
}

/** What of a limit anybody may use. */
export function withoutReserve(max: number, reservePercent: number): number {
  return Number.isFinite(max) ? max - Math.floor((max * reservePercent) / 100) : max;
}

/** The sender's name, as the frame says it: `from SENDER: `. */
export function senderOf({ memory, frameAt, bodyOffset }: MessageRecord): string {
  const from = memory.bytes.subarray(
    frameAt + FRAME_PREFIX_BYTES.before,
    frameAt + bodyOffset - FRAME_PREFIX_BYTES.behind,
  );
  return Buffer.from(from).toString('latin1');
}
