/** A bucket: what is done fills it, and time empties it. Above its size it says how long to wait. */

/** How much a bucket takes, and how fast it empties. */
export interface BucketSize {
  readonly units: number;
  /** After so long one unit is gone. */
  readonly unitMs: number;
}

/** No wait is longer: whoever has done much too much at once is not kept out for days. */
export const LONGEST_WAIT_MS = 3_600_000;

/** Of no limit. */
const UNLIMITED: BucketSize = { units: Number.POSITIVE_INFINITY, unitMs: 0 };

/** @param rate units in `perMs`; `Infinity` for no limit @param units how many it takes at once */
export function bucketOf(rate: number, perMs: number, units: number): BucketSize {
  return Number.isFinite(rate) ? { units: Math.max(1, units), unitMs: perMs / rate } : UNLIMITED;
}

/** Its size is given each time, because that is the same for many, and may change. Times are of a monotonic clock. */
export class Bucket {
  #level = 0;
  /** When that was true, in milliseconds. */
  #at = 0;

  /** How full it is. */
  level({ unitMs }: BucketSize, now: number): number {
    return unitMs === 0 ? 0 : Math.max(0, this.#level - (now - this.#at) / unitMs);
  }

  /** Puts so many units in. They may be more than it takes, and are waited for then. */
  add(units: number, size: BucketSize, now: number): void {
    if (size.unitMs === 0) return;
    const most = size.units + LONGEST_WAIT_MS / size.unitMs;
    this.#level = Math.min(most, this.level(size, now) + units);
    this.#at = now;
  }

  /** @returns how many milliseconds it takes until so many units more fit; 0 if they do now */
  waitMs(units: number, size: BucketSize, now: number): number {
    const over = this.level(size, now) + units - size.units;
    return over <= 0 ? 0 : Math.ceil(over * size.unitMs);
  }
}
