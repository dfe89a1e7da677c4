/**
 * Who has been told what: a sender hears of a destination once, until the destination's state changes.
 */
import type { AttachmentNumber } from '../src/channel/to-shard.ts';

/** Pairs of sender and destination that are remembered; past it the oldest is forgotten, and may be told again. */
export const MAX_TOLD = 65_536;
/** The epoch of a name nobody knows. A known name's is never this. */
export const UNKNOWN_EPOCH = 0;

export class Told {
  readonly #epochs = new Map<string, number>();
  readonly #max: number;
  // The pair asked for last: a sender that floods one destination costs no string a message.
  #lastSender: AttachmentNumber = 0;
  #lastEpoch = -1;

  constructor(max = MAX_TOLD) {
    this.#max = max;
  }

  get size(): number {
    return this.#epochs.size;
  }

  /** Whether `sender` is to be told of `name`, whose state is `epoch`; from then on it has been. */
  shouldTell(sender: AttachmentNumber, name: Uint8Array, epoch: number): boolean {
    if (epoch !== UNKNOWN_EPOCH && sender === this.#lastSender && epoch === this.#lastEpoch) return false;
    this.#lastSender = sender;
    this.#lastEpoch = epoch;
    const key = `${sender}:${Buffer.from(name.buffer, name.byteOffset, name.length).toString('latin1')}`;
    if (this.#epochs.get(key) === epoch) return false;
    this.#epochs.delete(key);
    this.#epochs.set(key, epoch);
    if (this.#epochs.size > this.#max) {
      const oldest = this.#epochs.keys().next();
      if (oldest.done !== true) this.#epochs.delete(oldest.value);
    }
    return true;
  }
}
