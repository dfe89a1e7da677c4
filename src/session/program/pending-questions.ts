/** The questions of one program that are not answered yet. A question is answered once, about all its names. */
import type { NameStanding } from '../../shared/codes/notice-texts.ts';
import { type Outboxes, ShardParts } from './shard-parts.ts';

/** So many names may be asked about at a time, and those of one more question. Then the session reads nothing more. */
export const MAX_ASKED_NAMES = 1_000;
/** The numbers of questions in records are from 1 to this. */
const MAX_QUESTION = 2 ** 31 - 1;

/** What is known of each name of a question, in the order in which it has them. */
export interface Answer {
  readonly id: string;
  readonly names: readonly { readonly name: Uint8Array; readonly standing: NameStanding }[];
}

interface Pending {
  readonly id: string;
  readonly names: readonly Uint8Array[];
  readonly standings: Map<string, NameStanding>;
  /** How many answers of shards are missing. */
  left: number;
  readonly parts: ShardParts;
}

export class PendingQuestions {
  readonly #pending = new Map<number, Pending>();
  #names = 0;
  #lastNumber = 0;

  /** Whether no further question may be asked. */
  get full(): boolean {
    return this.#names >= MAX_ASKED_NAMES;
  }

  /** Whether nothing is pending. */
  get empty(): boolean {
    return this.#pending.size === 0;
  }

  /** Whether this question is not answered yet. */
  has(number: number): boolean {
    return this.#pending.has(number);
  }

  /** Begins a question. @returns its number, for the records */
  begin(id: string, names: readonly Uint8Array[]): number {
    do this.#lastNumber = this.#lastNumber === MAX_QUESTION ? 1 : this.#lastNumber + 1;
    while (this.#pending.has(this.#lastNumber));
    const parts = new ShardParts();
    this.#pending.set(this.#lastNumber, { id, names, standings: new Map(), left: names.length, parts });
    this.#names += names.length;
    return this.#lastNumber;
  }

  /** Records about some of the names were put into outboxes. See ShardParts. */
  put(number: number, shards: Iterable<number>, postsBefore: readonly number[]): void {
    this.#pending.get(number)?.parts.put(shards, postsBefore);
  }

  /** Takes what a shard says of a name. @returns the answer, if it was the last name that was missing */
  note(shard: number, number: number, name: Uint8Array, standing: NameStanding): Answer | undefined {
    const pending = this.#pending.get(number);
    if (pending === undefined) return undefined;
    const { id, names, standings, parts } = pending;
    parts.answered(shard);
    standings.set(textOf(name), standing);
    pending.left--;
    this.#names--;
    if (pending.left > 0) return undefined;
    this.#pending.delete(number);
    const unknown: NameStanding = { state: 'unknown', waiting: 0 };
    return { id, names: names.map((each) => ({ name: each, standing: standings.get(textOf(each)) ?? unknown })) };
  }

  /**
   * A shard has crashed, and what it posted was handled. Its other answers will never come.
   * @returns the ids of the questions that are not answered for this
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

function textOf(name: Uint8Array): string {
  return Buffer.from(name).toString();
}
