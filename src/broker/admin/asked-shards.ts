/**
 * Asks shards about names and mail. A shard does little at a time, so a question about much is asked again and again,
 * for a limited time.
 */

import type { ShardCalls } from '../../shards/shard-link.ts';
import { Deadline } from '../../shared/common/deadline.ts';
import { shardOfName } from '../../shared/common/name-hash.ts';
import type { AskedName, AskedRefusal, NamesPage, NamesQuestion, Purged } from '../../shared/wire/port/asked.ts';
import type { MailAnswer, NamesAnswer, NamesAsked, PurgeAnswer, Refusal } from './admin-view.ts';

/** How long one question may take in all. */
const ANSWER_MS = 5_000;
/** How long names are searched. After that the answer has what was found. */
const SEARCH_MS = 1_000;

const DOWN = { state: 'down' } as const;

type Place = NamesQuestion['from'];

/** A search through all shards, as far as it has come. */
interface Search {
  readonly asked: NamesAsked;
  readonly names: AskedName[];
  /** The last name that was looked at. */
  next: string | null;
  /** When it ends with what was found. */
  readonly over: number;
}

/** The shards of a broker. */
interface Askable {
  /** @returns the answer; undefined if the shard is down, or crashes before it answers */
  ask<Answer>(shard: number, question: (control: ShardCalls) => Promise<Answer>): Promise<Answer | undefined>;
}

export class AskedShards {
  readonly #shards: Askable;
  readonly #count: number;
  readonly #answerMs: number;

  /** @param count how many shards there are */
  constructor(shards: Askable, count: number, answerMs = ANSWER_MS) {
    this.#shards = shards;
    this.#count = count;
    this.#answerMs = answerMs;
  }

  /** Lists names, shard after shard. */
  async names(asked: NamesAsked): Promise<NamesAnswer | Refusal> {
    const { after } = asked;
    const search: Search = { asked, names: [], next: after ?? null, over: performance.now() + SEARCH_MS };
    let from: Place = after === undefined ? 0 : { behind: after };
    for (let shard = after === undefined ? 0 : this.#shardOf(after); shard < this.#count; shard++) {
      const result = await this.#search(search, shard, from);
      if (result === 'down') return DOWN;
      if (result === 'enough') return { names: search.names, more: true, next: search.next };
      from = 0;
    }
    return { names: search.names, more: false, next: null };
  }

  /** Searches one shard, a part at a time. */
  async #search(search: Search, shard: number, first: Place): Promise<'enough' | 'all' | 'down'> {
    const { prefix, state, waiting, limit } = search.asked;
    for (let from: Place | undefined = first; from !== undefined; ) {
      const left = limit - search.names.length;
      if (left <= 0 || performance.now() > search.over) return 'enough';
      const question: NamesQuestion = { prefix, state, waiting, limit: left, from };
      const page: NamesPage | undefined = await this.#asked(shard, (control) => control.names(question));
      if (page === undefined) return 'down';
      search.names.push(...page.names);
      search.next = page.last ?? search.next;
      from = page.next;
    }
    return 'all';
  }

  async mail(name: string, after: number, limit: number): Promise<MailAnswer | Refusal> {
    return (await this.#asked(this.#shardOf(name), (control) => control.mail(name, after, limit))) ?? DOWN;
  }

  /** Drops all mail that waits now. */
  async purge(name: string): Promise<PurgeAnswer | Refusal> {
    const over = performance.now() + this.#answerMs;
    let purged = 0;
    let before: number | undefined;
    for (;;) {
      const answer = await this.#purged(name, (control) => control.purge(name, before));
      if (answer.state !== 'purged') return purged > 0 ? { state: 'purged', purged, more: true } : answer;
      purged += answer.purged;
      before = answer.before;
      const isEnough = !answer.more || performance.now() > over;
      if (isEnough) return { state: 'purged', purged, more: answer.more };
    }
  }

  async purgeOne(name: string, seq: number): Promise<PurgeAnswer | Refusal> {
    return await this.#purged(name, (control) => control.purgeOne(name, seq));
  }

  async #purged(
    name: string,
    question: (control: ShardCalls) => Promise<Purged | AskedRefusal>,
  ): Promise<Purged | Refusal> {
    return (await this.#asked(this.#shardOf(name), question)) ?? DOWN;
  }

  async #asked<A>(shard: number, question: (control: ShardCalls) => Promise<A>): Promise<A | undefined> {
    const deadline = new Deadline(this.#answerMs);
    try {
      return await deadline.race(this.#shards.ask(shard, question));
    } finally {
      deadline.clear();
    }
  }

  #shardOf(name: string): number {
    return shardOfName(Buffer.from(name), this.#count);
  }
}
