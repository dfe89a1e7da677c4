/**
 * Who has been told what: a sender hears of a destination once, until the destination's state changes.
 */
import type { AttachmentNumber } from '../src/channel/to-shard.ts';
import { nameKey } from './names.ts';

/** Pairs of sender and destination that are remembered; past it the older half is forgotten, and may be told again. */
export const MAX_TOLD = 65_536;
/** Names that were known once, and whose being unknown is news to who was told so before; past it the older half goes. */
const MAX_FORGOTTEN = 4_096;
/** The epoch of a name nobody has ever known. A known name's is never this. */
export const UNKNOWN_EPOCH = 0;
/** A destination is told apart by this much of it: a longer one is nobody's name, and long keys are slow. */
const MAX_KEY_BYTES = 256;

export class Told {
  readonly #epochs: Generations;
  readonly #forgotten = new Generations(MAX_FORGOTTEN);
  // The pair asked for last: a sender that floods one destination costs no string a message.
  #lastSender: AttachmentNumber = 0;
  #lastEpoch = -1;

  constructor(max = MAX_TOLD) {
    this.#epochs = new Generations(max);
  }

  get size(): number {
    return this.#epochs.size;
  }

  /** Whether `sender` is to be told of `name`, whose state is `epoch`; from then on it has been. */
  shouldTell(sender: AttachmentNumber, name: Uint8Array, epoch: number): boolean {
    if (epoch !== UNKNOWN_EPOCH && sender === this.#lastSender && epoch === this.#lastEpoch) return false;
    this.#lastSender = sender;
    this.#lastEpoch = epoch;
    const key = `${sender}:${shortKey(name)}`;
    if (this.#epochs.get(key) === epoch) return false;
    this.#epochs.set(key, epoch);
    return true;
  }

  /** Notes that a known name has become unknown: that is a new state, `epoch`. */
  forgotten(name: Uint8Array, epoch: number): void {
    this.#forgotten.set(shortKey(name), epoch);
  }

  /** The epoch of a name that is unknown now. */
  unknownEpoch(name: Uint8Array): number {
    return this.#forgotten.size === 0 ? UNKNOWN_EPOCH : (this.#forgotten.get(shortKey(name)) ?? UNKNOWN_EPOCH);
  }
}

function shortKey(name: Uint8Array): string {
  return nameKey(name.subarray(0, MAX_KEY_BYTES));
}

/**
 * A map of at most `max` entries, in two generations: when the newer is half of that, the older is forgotten whole.
 * (Forgetting one entry at a time is slow: a Map that loses its first entries walks over the holes they leave.)
 */
class Generations {
  readonly #half: number;
  #newer = new Map<string, number>();
  #older = new Map<string, number>();

  constructor(max: number) {
    this.#half = Math.max(1, Math.floor(max / 2));
  }

  get size(): number {
    return this.#newer.size + this.#older.size;
  }

  get(key: string): number | undefined {
    return this.#newer.get(key) ?? this.#older.get(key);
  }

  set(key: string, value: number): void {
    if (this.#newer.size >= this.#half && !this.#newer.has(key)) {
      this.#older = this.#newer;
      this.#newer = new Map();
    }
    this.#newer.set(key, value);
  }
}
