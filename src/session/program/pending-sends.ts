/**
 * The sends of one program that are not answered yet. Each shard tells the outcome of a message for each of its names.
 * When all are known the program gets one answer.
 */
import type { Outcome } from '../../shared/wire/events.ts';
import { type Outboxes, ShardParts } from './shard-parts.ts';

/** So many names may be without an outcome at a time. Beyond that the session reads nothing more. */
export const MAX_PENDING_NAMES = 10_000;
/** The numbers of messages in records are from 1 to this. */
const MAX_MESSAGE_NUMBER = 2 ** 31 - 1;

/** What became of a message, for each of its names. */
export interface Accepted {
  readonly id: string;
  readonly to: Readonly<Record<string, Outcome['kind']>>;
  /** Whether it was a repeat for any of its names. */
  readonly duplicate: boolean;
}

/** A send. */
interface Pending {
  readonly id: string;
  readonly outcomes: Map<string, Outcome['kind']>;
  /** How many outcomes are missing. */
  left: number;
  duplicate: boolean;
  readonly parts: ShardParts;
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
    const pending = { id, outcomes: new Map(), left: names, duplicate: false, parts: new ShardParts() };
    this.#pending.set(this.#lastNumber, pending);
    this.#names += names;
    return this.#lastNumber;
  }

  /** A part of the message was put into outboxes. See ShardParts. */
  put(number: number, shards: Iterable<number>, postsBefore: readonly number[]): void {
    this.#pending.get(number)?.parts.put(shards, postsBefore);
  }

  /** Takes an outcome of a shard. @returns the answer, if it was the last that was missing */
  note(shard: number, { messageId, name, kind, duplicate }: Outcome): Accepted | undefined {
    const pending = this.#pending.get(messageId);
    if (pending === undefined) return undefined;
    pending.parts.answered(shard);
    pending.outcomes.set(Buffer.from(name).toString(), kind);
    pending.duplicate ||= duplicate;
    pending.left--;
    this.#names--;
    if (pending.left > 0) return undefined;
    this.#pending.delete(messageId);
    return { id: pending.id, to: Object.fromEntries(pending.outcomes), duplicate: pending.duplicate };
  }

  /**
   * A shard has crashed, and what it posted was handled. Its other outcomes will never come.
   * @returns the ids of the sends that are not answered for this
   */
  lost(shard: number, router: Outboxes): string[] {
    const ids: string[] = [];
    for (const [number, pending] of this.#pending) {
      if (!pending.parts.isLost(shard, router)) continue;
      this.#pending.delete(number);
      this.#names -= pending.left;
      ids.push(pending.id);
    }
    return ids;
  }
}
