/**
 * The cost mark: how much cost may be under way to a shard. A name in a list costs a shard up to twenty times as much
 * if its mail goes to disk as if its peer reads, and disks differ even more. So the mark follows the time that the
 * shard takes to answer. Thus a sender of one short message never waits for much longer than that.
 */

/**
 * The mark is between these two. Below the least, a list would be sent name by name. Above the most, it would take too
 * much memory.
 */
export const LEAST_COST_BYTES = 1024 * 1024;
export const MOST_COST_BYTES = 16 * 1024 * 1024;
/** An answer that takes longer halves the mark. */
export const SLOW_ANSWER_MS = 20;
/** One that does not lets it grow by this part. */
const GROWTH = 1 / 8;

/** The cost mark of one shard, in bytes of cost. */
export class CostMark {
  bytes = MOST_COST_BYTES;
  #loweredAt = Number.NEGATIVE_INFINITY;

  /** Adjusts the mark to the answer to a post with a cost. @param postedAt in milliseconds, as `now` */
  answered(postedAt: number, now: number): void {
    if (now - postedAt <= SLOW_ANSWER_MS) this.bytes = Math.min(MOST_COST_BYTES, this.bytes * (1 + GROWTH));
    else if (postedAt >= this.#loweredAt) {
      // A post from before the mark was lowered tells nothing about the lower mark.
      this.#loweredAt = now;
      this.bytes = Math.max(LEAST_COST_BYTES, this.bytes / 2);
    }
  }
}
