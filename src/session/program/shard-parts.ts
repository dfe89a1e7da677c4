/**
 * The parts of one request that were put into outboxes of shards. They tell whether an answer of a shard is lost when
 * that has crashed.
 */

/** A part of a request, for one shard. The shard answers its parts in order. */
interface Part {
  readonly shard: number;
  /** The number of posts of its outbox before the part was put into it. */
  readonly posts: number;
  /** How many of its answers are missing. */
  left: number;
}

/** The outboxes of a router. */
export interface Outboxes {
  readonly outboxes: readonly { readonly posts: number }[];
}

/**
 * @returns the number of posts of each outbox, to be taken before a part is put: an outbox that is full is posted at
 *   once
 */
export function postsOf({ outboxes }: Outboxes): number[] {
  return outboxes.map(({ posts }) => posts);
}

/** The parts of one request. */
export class ShardParts {
  readonly #parts: Part[] = [];

  /**
   * A part was put into outboxes.
   * @param shards the shard of each answer that it asks for
   * @param postsBefore see `postsOf`
   */
  put(shards: Iterable<number>, postsBefore: readonly number[]): void {
    const before = this.#parts.length;
    for (const shard of shards) {
      let at = before;
      while (at < this.#parts.length && this.#parts[at]?.shard !== shard) at++;
      const part = this.#parts[at];
      if (part !== undefined) part.left++;
      else this.#parts.push({ shard, posts: postsBefore[shard] ?? 0, left: 1 });
    }
  }

  /** The shard has given one answer. */
  answered(shard: number): void {
    const part = this.#parts.find((each) => each.shard === shard && each.left > 0);
    if (part !== undefined) part.left--;
  }

  /** Whether the shard, which has crashed, had a part that it has not answered. One not posted is for its next life. */
  isLost(shard: number, { outboxes }: Outboxes): boolean {
    const posted = outboxes[shard]?.posts ?? 0;
    return this.#parts.some((part) => part.shard === shard && part.left > 0 && part.posts < posted);
  }
}
