/** The questions of one program that are not answered yet. A question is answered once, about all its names. */
import type { NameStanding } from '../../shared/codes/notice-texts.ts';
import { type Pending, PendingRequests } from './pending-requests.ts';
import { ShardParts } from './shard-parts.ts';

/** So many names may be asked about at a time, and those of one more question. Then the session reads nothing more. */
export const MAX_ASKED_NAMES = 1_000;

/** What is known of each name of a question, in the order in which it has them. */
export interface Answer {
  readonly id: string;
  readonly names: readonly { readonly name: Uint8Array; readonly standing: NameStanding }[];
}

interface PendingQuestion extends Pending {
  readonly names: readonly Uint8Array[];
  readonly standings: Map<string, NameStanding>;
}

export class PendingQuestions extends PendingRequests<PendingQuestion> {
  constructor() {
    super(MAX_ASKED_NAMES);
  }

  /** Begins a question. @returns its number, for the records */
  begin(id: string, names: readonly Uint8Array[]): number {
    return this.add({ id, names, standings: new Map(), left: names.length, parts: new ShardParts() });
  }

  /** Takes what a shard says of a name. @returns the answer, if it was the last name that was missing */
  note(shard: number, number: number, name: Uint8Array, standing: NameStanding): Answer | undefined {
    const question = this.find(number);
    if (question === undefined) return undefined;
    const { id, names, standings } = question;
    standings.set(textOf(name), standing);
    if (!this.answered(shard, number, question)) return undefined;
    const unknown: NameStanding = { state: 'unknown', waiting: 0 };
    return { id, names: names.map((each) => ({ name: each, standing: standings.get(textOf(each)) ?? unknown })) };
  }
}

function textOf(name: Uint8Array): string {
  return Buffer.from(name).toString();
}
