/**
 * The sends of one program that are not answered yet. Each shard tells the outcome of a message for each of its names.
 * When all are known the program gets one answer.
 */
import type { Outcome } from '../../shared/wire/events.ts';

/** So many names may be without an outcome at a time. Beyond that the session reads nothing more. */
export const MAX_PENDING_NAMES = 10_000;
/** The numbers of messages in records are from 1 to this. */
const MAX_MESSAGE_NUMBER = 2 ** 31 - 1;

/** What became of a message, for each of its names. */
export interface Accepted {
  readonly id: string;
  readonly to: Readonly<Record<string, Outcome['kind']>>;
}

/** A part of a message, for names of one shard. The shard tells its outcomes in order. */
interface Part {
  readonly shard: number;
  /** The number of posts of its outbox when the part was put into it. */
  readonly posts: number;
  /** How many of its outcomes are missing. */
  left: number;
}

/** A send. */
interface Pending {
  readonly id: string;
  readonly outcomes: Map<string, Outcome['kind']>;
  /** How many outcomes are missing. */
  left: number;
  /** The parts that were put so far. */
  readonly parts: Part[];
}

/** The part of a router that is used here. */
interface Posts {
  readonly outboxes: readonly { readonly posts: number }[];
}

export class PendingSends {
  readonly #pending = new Map<number, Pending>();
  #names = 0;
  #lastNumber = 0;

  /** Whether no further message may be sent. */
  get full(): boolean {
    return this.#names >= MAX_PENDING_NAMES;
  }

  /** Whether nothing is pending. */
  get empty(): boolean {
    return this.#pending.size === 0;
  }

  /** Begins a send. @returns its number, for the records */
  begin(id: string, names: number): number {
    do this.#lastNumber = this.#lastNumber === MAX_MESSAGE_NUMBER ? 1 : this.#lastNumber + 1;
    while (this.#pending.has(this.#lastNumber));
    this.#pending.set(this.#lastNumber, { id, outcomes: new Map(), left: names, parts: [] });
    this.#names += names;
    return this.#lastNumber;
  }

  /** A part of the message was put into outboxes. @param shards the shard of each of its names */
  put(number: number, shards: Iterable<number>, { outboxes }: Posts): void {
    const pending = this.#pending.get(number);
    if (pending === undefined) return;
    const names = new Map<number, number>();
    for (const shard of shards) names.set(shard, (names.get(shard) ?? 0) + 1);
    for (const [shard, left] of names) pending.parts.push({ shard, posts: outboxes[shard]?.posts ?? 0, left });
  }

  /** Takes an outcome of a shard. @returns the answer, if it was the last that was missing */
  note(shard: number, { messageId, name, kind }: Outcome): Accepted | undefined {
    const pending = this.#pending.get(messageId);
    if (pending === undefined) return undefined;
    const part = pending.parts.find((each) => each.shard === shard && each.left > 0);
    if (part !== undefined) part.left--;
    pending.outcomes.set(Buffer.from(name).toString(), kind);
    pending.left--;
    this.#names--;
    if (pending.left > 0) return undefined;
    this.#pending.delete(messageId);
    return { id: pending.id, to: Object.fromEntries(pending.outcomes) };
  }

  /**
   * A shard has crashed, and what it posted was handled. Its other outcomes will never come.
   * @returns the ids of the sends that are not answered for this
   */
  lost(shard: number, { outboxes }: Posts): string[] {
    const posted = outboxes[shard]?.posts ?? 0;
    const ids: string[] = [];
    for (const [number, pending] of this.#pending) {
      // A part that is not posted yet is for the next life.
      if (!pending.parts.some((part) => part.shard === shard && part.left > 0 && part.posts < posted)) continue;
      this.#pending.delete(number);
      this.#names -= pending.left;
      ids.push(pending.id);
    }
    return ids;
  }
}
