/**
 * How much a shard may be asked for at a time. What a name of a list costs differs by twenty times between a peer that
 * reads and mail for the disk, and disks differ more; so the mark follows the time that a shard takes to answer, and
 * who has just one word to say never waits for much longer than that.
 */

/** The mark is between these. Below the least a list would go name by name; above the most memory would be too much. */
export const LEAST_COST_BYTES = 1024 * 1024;
export const MOST_COST_BYTES = 16 * 1024 * 1024;
/** An answer that takes longer halves the mark. */
export const SLOW_ANSWER_MS = 20;
/** One that does not lets it grow by this part. */
const GROWTH = 1 / 8;

export class CostMark {
  bytes = MOST_COST_BYTES;
  #loweredAt = Number.NEGATIVE_INFINITY;

  /** A post that asked for something was made at `postedAt`, and is answered `now`; both in milliseconds. */
  answered(postedAt: number, now: number): void {
    if (now - postedAt <= SLOW_ANSWER_MS) this.bytes = Math.min(MOST_COST_BYTES, this.bytes * (1 + GROWTH));
    else if (postedAt >= this.#loweredAt) {
      // What was posted before the mark was lowered says nothing of the lower mark.
      this.#loweredAt = now;
      this.bytes = Math.max(LEAST_COST_BYTES, this.bytes / 2);
    }
  }
}
