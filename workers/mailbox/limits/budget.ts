import { withoutReserve } from './reserve.ts';

/** The limit of bytes for all mailboxes of all shards together (HELD_MAX_BYTES), and how much of it is used. */
export interface Budget {
  /** Takes `bytes` if the limit has room for them. @returns false if it has not; then nothing is taken */
  take(bytes: number): boolean;
  /** Whether the last `take` reached into the reserve of the limit (reserve.ts). */
  readonly inReserve: boolean;
  /** Takes `bytes` even beyond the limit, for mail that may not be refused. */
  force(bytes: number): void;
  /** Frees bytes that were taken. */
  give(bytes: number): void;
}

/**
 * A budget that the threads of all shards share. It counts the sum, and also the part of each shard. When a shard
 * crashes, its part is subtracted from the sum.
 */
export class SharedBudget implements Budget {
  inReserve = false;
  readonly #counts: BigInt64Array;
  readonly #own: number;
  #maxBytes = 0;
  #freeBytes = 0;

  /** @param held the counts of all shards: see ShardTask */
  constructor(held: SharedArrayBuffer, shard: number, maxBytes: number, reservePercent = 0) {
    this.#counts = new BigInt64Array(held);
    this.#own = 1 + shard;
    this.limit(maxBytes, reservePercent);
  }

  /** Sets the limit. Bytes that are taken stay so, also beyond it. */
  limit(maxBytes: number, reservePercent: number): void {
    this.#maxBytes = maxBytes;
    this.#freeBytes = withoutReserve(maxBytes, reservePercent);
  }

  take(bytes: number): boolean {
    this.force(bytes);
    const used = Number(Atomics.load(this.#counts, 0));
    this.inReserve = used > this.#freeBytes;
    if (used <= this.#maxBytes) return true;
    this.give(bytes);
    return false;
  }

  force(bytes: number): void {
    Atomics.add(this.#counts, 0, BigInt(bytes));
    Atomics.add(this.#counts, this.#own, BigInt(bytes));
  }

  give(bytes: number): void {
    this.force(-bytes);
  }
}
