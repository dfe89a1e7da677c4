/**
 * The sends of one program that are not answered yet. Each shard tells the outcome of a message for each of its names.
 * When all are known the program gets one answer.
 */
import type { Outcome } from '../../shared/wire/events.ts';
import { type Pending, PendingRequests } from './pending-requests.ts';
import { ShardParts } from './shard-parts.ts';

/** So many names may be without an outcome at a time. Beyond that the session reads nothing more. */
export const MAX_PENDING_NAMES = 10_000;

/** What became of a message for one name. Which are forbidden is known before any shard is asked. */
type NameOutcome = readonly [name: string, outcome: Outcome['kind'] | 'forbidden'];

/** What became of a message, for each of its names. */
export interface Accepted {
  readonly id: string;
  readonly to: readonly NameOutcome[];
  /** Whether it was a repeat for any of its names. */
  readonly duplicate: boolean;
}

interface PendingSend extends Pending {
  readonly to: NameOutcome[];
  duplicate: boolean;
}

export class PendingSends extends PendingRequests<PendingSend> {
  constructor() {
    super(MAX_PENDING_NAMES);
  }

  /** Begins a send. @returns its number, for the records */
  begin(id: string, names: number): number {
    return this.add({ id, to: [], left: names, duplicate: false, parts: new ShardParts() });
  }

  /** As `begin`. @param forbidden the names to which its sender may not write, beside those that it is sent to */
  beginWith(id: string, names: number, forbidden: readonly Uint8Array[]): number {
    return this.add({ id, to: forbiddenFor(forbidden), left: names, duplicate: false, parts: new ShardParts() });
  }

  /** Takes an outcome of a shard. @returns the answer, if it was the last that was missing */
  note(shard: number, { messageId, name, kind, duplicate }: Outcome): Accepted | undefined {
    const send = this.find(messageId);
    if (send === undefined) return undefined;
    // A copy: to ask a short array for its buffer has V8 allocate one, which takes longer than all the rest.
    send.to.push([Buffer.from(name).toString(), kind]);
    send.duplicate ||= duplicate;
    if (!this.answered(shard, messageId, send)) return undefined;
    return { id: send.id, to: send.to, duplicate: send.duplicate };
  }
}

/** @returns the outcome for names to which a sender may not write */
export function forbiddenFor(names: readonly Uint8Array[]): NameOutcome[] {
  return names.map((name) => [Buffer.from(name).toString(), 'forbidden']);
}
