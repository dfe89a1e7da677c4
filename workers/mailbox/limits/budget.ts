import { withoutReserve } from './reserve.ts';

/** What all mailboxes of all shards together may hold. */
export interface Budget {
  /** Takes `bytes` if that keeps within the limit. */
  take(bytes: number): boolean;
  /** Whether what was taken last is of the last part of the limit (reserve.ts). */
  readonly inReserve: boolean;
  /** Takes `bytes` in any case: mail that comes back is never refused. */
  force(bytes: number): void;
  give(bytes: number): void;
}

/** A budget that several threads share: the sum of all, and each shard's own part, so that a crash can be taken out. */
export class SharedBudget implements Budget {
  inReserve = false;
  readonly #counts: BigInt64Array;
  readonly #own: number;
  readonly #maxBytes: number;
  readonly #freeBytes: number;

  /** @param held see ShardTask */
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
