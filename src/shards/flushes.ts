/** Questions to all shards at once. A shard answers when it has worked off everything that was put before. */
import type { Outbox } from '../router/outbox.ts';
import { putFlush } from '../shared/wire/to-shard.ts';

/** What the shards still have to do when they have worked off all they were told. */
export interface Flushed {
  /** Messages in the mailboxes of peers that are here. */
  waiting: number;
  /** Whether the store has not answered everything it was asked. */
  storing: boolean;
}

interface Flush extends Flushed {
  /** The shards that have not answered. */
  readonly missing: Set<number>;
  readonly done: (flushed: Flushed) => void;
}

export class Flushes {
  readonly #outboxes: readonly Outbox[];
  readonly #open = new Map<number, Flush>();
  #nextId = 1;

  /** @param outboxes one for each shard, in the order of their numbers */
  constructor(outboxes: readonly Outbox[]) {
    this.#outboxes = outboxes;
  }

  /** Asks all shards. Resolves when each has answered, and what came of the records before has been handled. */
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

  /** Asks the next life of a shard what the life before has not answered. */
  askAgain(shard: number): void {
    const outbox = this.#outboxes[shard];
    if (outbox === undefined) return;
    for (const [id, { missing }] of this.#open) if (missing.has(shard)) putFlush(outbox.batch, id);
  }

  /** A shard has answered; a second answer counts for nothing. */
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
