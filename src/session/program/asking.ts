/** Asks shards about names for a program. A question that finds a congested outbox is continued when that has room. */
import type { Outbox } from '../../router/outbox.ts';
import type { Router } from '../../router/router.ts';
import { type AttachmentNumber, NO_QUESTION } from '../../shared/wire/records.ts';
import type { PendingQuestions } from './pending-questions.ts';
import { postsOf } from './shard-parts.ts';

/** What a program asks about names. */
export interface NamesAsked {
  readonly id: string;
  readonly names: readonly Uint8Array[];
}

export class Asking {
  readonly #router: Router;
  readonly #pending: PendingQuestions;
  /** The number of the question in hand, and for how many of its names the shards were asked. */
  #number = NO_QUESTION;
  #namesDone = 0;

  constructor(router: Router, pending: PendingQuestions) {
    this.#router = router;
    this.#pending = pending;
  }

  /** Whether a question is in hand, which must be asked again. */
  get inHand(): boolean {
    return this.#number !== NO_QUESTION;
  }

  /** @returns the congested outbox to wait for, after which the same question must be asked again */
  ask(asker: AttachmentNumber, { id, names }: NamesAsked): Outbox | undefined {
    if (this.#number === NO_QUESTION) this.#number = this.#pending.begin(id, names);
    const congested = this.#askRest(asker, names);
    if (congested !== undefined) return congested;
    this.#number = NO_QUESTION;
    this.#namesDone = 0;
    return undefined;
  }

  #askRest(asker: AttachmentNumber, names: readonly Uint8Array[]): Outbox | undefined {
    // A shard may have crashed meanwhile: then the program was told, and the rest need not be asked.
    if (!this.#pending.has(this.#number)) return undefined;
    const postsBefore = postsOf(this.#router);
    const asked: number[] = [];
    let congested: Outbox | undefined;
    for (const name of names.slice(this.#namesDone)) {
      congested = this.#router.askWho(asker, name, this.#number);
      if (congested !== undefined) break;
      asked.push(this.#router.shardOf(name));
    }
    this.#pending.put(this.#number, asked, postsBefore);
    this.#namesDone += asked.length;
    return congested;
  }
}
