/**
 * A wait that occupies the processor for a moment, because to sleep and to be woken would take longer. It learns
 * whether it pays: after a wait in vain it passes over the next chance, after two in a row the next three, and so on up
 * to 63.
 */

import { availableParallelism } from 'node:os';

/** So many looks are made before the clock is read again. */
const LOOKS = 32;
const MAX_FAILURES = 6;

export class BriefWait {
  readonly #maxMs: number;
  readonly #now: () => number;
  #failures = 0;
  #passOver = 0;

  /**
   * @param maxMs the longest wait, in milliseconds
   * @param now a monotonic clock, in milliseconds
   */
  constructor(maxMs: number, now: () => number = () => performance.now()) {
    this.#maxMs = maxMs;
    this.#now = now;
  }

  /**
   * @returns a wait for a thread of a broker with so many shards; undefined if the shards and the main thread do not
   *   have a core each, because a wait would then slow the others down
   */
  static beside(shards: number, maxMs: number): BriefWait | undefined {
    return availableParallelism() > shards ? new BriefWait(maxMs) : undefined;
  }

  /** Waits until `found` is true, or does not wait at all. @returns whether it is true */
  until(found: () => boolean): boolean {
    if (found()) return true;
    if (this.#passOver > 0) {
      this.#passOver--;
      return false;
    }
    const end = this.#now() + this.#maxMs;
    do {
      for (let look = 0; look < LOOKS; look++) {
        if (!found()) continue;
        this.#failures = 0;
        return true;
      }
    } while (this.#now() < end);
    this.#failures = Math.min(this.#failures + 1, MAX_FAILURES);
    this.#passOver = 2 ** this.#failures - 1;
    return false;
  }
}
