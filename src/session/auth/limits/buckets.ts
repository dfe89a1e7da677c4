/**
 * Buckets of failures, by a key. Each failure fills the bucket of its key, and time empties it. A key whose bucket is
 * full may not try. There are so many buckets at most; the one that was filled longest ago is forgotten first.
 */

/** How much a bucket takes. */
export interface BucketSize {
  readonly failures: number;
  /** After so long one more failure is forgotten. */
  readonly forgetMs: number;
  readonly maxKeys: number;
}

interface Bucket {
  failures: number;
  /** When that was true, in milliseconds. */
  at: number;
}

export class Buckets {
  readonly #size: BucketSize;
  readonly #now: () => number;
  /** The one that was filled last is last. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(size: BucketSize, now: () => number) {
    this.#size = size;
    this.#now = now;
  }

  get keys(): number {
    return this.#buckets.size;
  }

  /** @returns how many milliseconds a key must wait until it may try; 0 if it may now */
  waitMs(key: string): number {
    const over = this.#failuresOf(key) - (this.#size.failures - 1);
    return over <= 0 ? 0 : Math.ceil(over * this.#size.forgetMs);
  }

  /** A try of this key has failed. */
  fail(key: string): void {
    const failures = Math.min(this.#size.failures, this.#failuresOf(key) + 1);
    this.#buckets.delete(key);
    this.#buckets.set(key, { failures, at: this.#now() });
    if (this.#buckets.size <= this.#size.maxKeys) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }

  /** The failures of a key are forgotten. */
  forget(key: string): void {
    this.#buckets.delete(key);
  }

  #failuresOf(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return 0;
    return Math.max(0, bucket.failures - (this.#now() - bucket.at) / this.#size.forgetMs);
  }
}
