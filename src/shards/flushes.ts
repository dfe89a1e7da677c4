/** Flushes: a flush asks all shards to answer once they have processed every record before it. */
import type { Outbox } from '../router/outbox.ts';
import { putFlush } from '../shared/wire/to-shard.ts';

/** What the shards still had to do when they answered a flush. */
export interface Flushed {
  /** Messages that wait in mailboxes of connected peers. */
  waiting: number;
  /** Whether requests to the store were still open. */
  storing: boolean;
}

interface Flush extends Flushed {
  /** The shards that have not answered yet. */
  readonly missing: Set<number>;
  readonly done: (flushed: Flushed) => void;
}

/** The flushes that are not answered yet. */
export class Flushes {
  readonly #outboxes: readonly Outbox[];
  readonly #open = new Map<number, Flush>();
  #nextId = 1;

  /** @param outboxes one a shard, in the order of their numbers */
  constructor(outboxes: readonly Outbox[]) {
    this.#outboxes = outboxes;
  }

  /**
   * Asks all shards. Resolves once each has answered, and everything that it posted before its answer has been handled.
   */
  ask(): Promise<Flushed> {
    const id = this.#nextId++;
    return new Promise((resolve) => {
      this.#open.set(id, { missing: new Set(this.#outboxes.keys()), waiting: 0, storing: false, done: resolve });
      for (const outbox of this.#outboxes) {
        putFlush(outbox.batch, id);
        outbox.schedule();
      }
    });
  }

  /** Puts into the outbox of a restarted shard the questions that its last life did not answer. */
  askAgain(shard: number): void {
    const outbox = this.#outboxes[shard];
    if (outbox === undefined) return;
    for (const [id, { missing }] of this.#open) if (missing.has(shard)) putFlush(outbox.batch, id);
  }

  /** Takes the answer of a shard. A second answer of the same shard is ignored. */
  answered(id: number, shard: number, waiting: number, storing: boolean): void {
    const flush = this.#open.get(id);
    if (flush === undefined || !flush.missing.delete(shard)) return;
    flush.waiting += waiting;
    flush.storing ||= storing;
    if (flush.missing.size > 0) return;
    this.#open.delete(id);
    flush.done({ waiting: flush.waiting, storing: flush.storing });
  }
}
