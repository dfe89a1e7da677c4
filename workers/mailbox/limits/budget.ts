import { withoutReserve } from './reserve.ts';

/** The limit of bytes of all mailboxes of all shards together, and what is used of it. */
export interface Budget {
  /** Takes `bytes` if the limit has room for them. @returns false, and takes nothing, if it has not */
  take(bytes: number): boolean;
  /** Whether what was taken last reaches into the last part of the limit (reserve.ts). */
  readonly inReserve: boolean;
  /** Takes `bytes` though that passes the limit: mail that comes back is never refused. */
  force(bytes: number): void;
  /** Gives back what was taken. */
  give(bytes: number): void;
}

/**
 * A budget that the threads of all shards share. It counts the sum, and beside it each shard's own part. So the part of
 * a shard that has crashed can be taken out of the sum.
 */
export class SharedBudget implements Budget {
  inReserve = false;
  readonly #counts: BigInt64Array;
  readonly #own: number;
  readonly #maxBytes: number;
  readonly #freeBytes: number;

  /** @param held the counts of all shards: see ShardTask */
  constructor(held: SharedArrayBuffer, shard: number, maxBytes: number, reservePercent = 0) {
    this.#freeBytes = withoutReserve(maxBytes, reservePercent);
    this.#counts = new BigInt64Array(held);
    this.#own = 1 + shard;
    this.#maxBytes = maxBytes;
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
