/**
 * The requests of one program that wait for answers of shards, one for each of their names. Each request is answered
 * once: when the last answer has come, or when it is known that one is lost.
 */
import { MAX_WORD } from '../../shared/wire/records.ts';
import type { Outboxes, ShardParts } from './shard-parts.ts';

/** One request. */
export interface Pending {
  readonly id: string;
  /** How many answers are missing. */
  left: number;
  readonly parts: ShardParts;
}

/** The requests of one kind. */
export class PendingRequests<Request extends Pending> {
  readonly #pending = new Map<number, Request>();
  readonly #maxNames: number;
  #names = 0;
  #lastNumber = 0;

  /** @param maxNames so many names may be without an answer before no further request may begin */
  constructor(maxNames: number) {
    this.#maxNames = maxNames;
  }

  /** Whether no further request may begin. */
  get full(): boolean {
    return this.#names >= this.#maxNames;
  }

  /** Whether nothing is pending. */
  get empty(): boolean {
    return this.#pending.size === 0;
  }

  /** Whether this request is not answered yet. */
  has(number: number): boolean {
    return this.#pending.has(number);
  }

  /** Adds a request. @returns its number, for the records: from 1 to MAX_WORD */
  protected add(request: Request): number {
    do this.#lastNumber = this.#lastNumber === MAX_WORD ? 1 : this.#lastNumber + 1;
    while (this.#pending.has(this.#lastNumber));
    this.#pending.set(this.#lastNumber, request);
    this.#names += request.left;
    return this.#lastNumber;
  }

  /** Records for some of the names were put into outboxes. See ShardParts. */
  put(number: number, shards: Iterable<number>, postsBefore: readonly number[]): void {
    this.#pending.get(number)?.parts.put(shards, postsBefore);
  }

  /** @returns a request that is not answered yet; undefined if there is none with this number */
  protected find(number: number): Request | undefined {
    return this.#pending.get(number);
  }

  /** A shard has answered for one name. @returns whether that was the last answer that was missing */
  protected answered(shard: number, number: number, request: Request): boolean {
    request.parts.answered(shard);
    request.left--;
    this.#names--;
    if (request.left > 0) return false;
    this.#pending.delete(number);
    return true;
  }

  /**
   * A shard has crashed, and what it posted was handled. Its other answers will never come.
   * @returns the ids of the requests that are not answered for this
   */
  lost(shard: number, router: Outboxes): string[] {
    const ids: string[] = [];
    for (const [number, request] of this.#pending) {
      if (!request.parts.isLost(shard, router)) continue;
      this.#pending.delete(number);
      this.#names -= request.left;
      ids.push(request.id);
    }
    return ids;
  }
}
