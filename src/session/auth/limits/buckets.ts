/**
 * Buckets of failures, by a key. A key whose bucket is full may not try. There are so many buckets at most; the one
 * that was filled longest ago is forgotten first.
 */
import { Bucket, type BucketSize } from '../../../shared/visitors/bucket.ts';

export class Buckets {
  readonly #size: BucketSize;
  readonly #maxKeys: number;
  readonly #now: () => number;
  /** The one that was filled last is last. */
  readonly #buckets = new Map<string, Bucket>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(size: BucketSize, maxKeys: number, now: () => number) {
    this.#size = size;
    this.#maxKeys = maxKeys;
    this.#now = now;
  }

  get keys(): number {
    return this.#buckets.size;
  }

  /** @returns how many milliseconds a key must wait until it may try; 0 if it may now */
  waitMs(key: string): number {
    return this.#buckets.get(key)?.waitMs(1, this.#size, this.#now()) ?? 0;
  }

  /** A try of this key has failed. A full bucket does not become fuller. */
  fail(key: string): void {
    const bucket = this.#buckets.get(key) ?? new Bucket();
    const now = this.#now();
    bucket.add(Math.min(1, this.#size.units - bucket.level(this.#size, now)), this.#size, now);
    this.#buckets.delete(key);
    this.#buckets.set(key, bucket);
    if (this.#buckets.size <= this.#maxKeys) return;
    const [oldest] = this.#buckets.keys();
    if (oldest !== undefined) this.#buckets.delete(oldest);
  }

  /** The failures of a key are forgotten. */
  forget(key: string): void {
    this.#buckets.delete(key);
  }
}
