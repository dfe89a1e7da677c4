/**
 * Mail that writers return: frames that they were handed and have not written. No limit refuses it. It is dropped, and
 * counted, only if its name is not remembered.
 *
 * What must be true: all returned mail is in a mailbox afterwards, or is counted as dropped (I1). It is delivered
 * before anything newer (I5).
 */
import type { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  type Frames,
  kindsOf,
  REDELIVERED,
  sizeOf,
} from '../../../src/shared/wire/frames/frames.ts';
import { putSettled } from '../../../src/shared/wire/to-main.ts';
import type { Return } from '../../../src/shared/wire/to-shard.ts';
import type { Mailboxes } from '../../mailbox/mailboxes.ts';
import type { ForgettableNames } from '../../names/forgettable-names.ts';
import type { Name } from '../../names/name.ts';
import type { NameTable } from '../../names/name-table.ts';
import type { ShardCounts } from '../counts.ts';
import type { Delivery } from '../delivery/delivery.ts';
import type { Drops } from '../notices/drops.ts';
import type { SenderNotices } from '../notices/sender-notices.ts';
import type { AwayNames } from './away-names.ts';

export interface ReturnEdges {
  readonly names: NameTable;
  readonly idle: Pick<ForgettableNames, 'remove'>;
  readonly mailboxes: Pick<Mailboxes, 'putBack' | 'putBackBefore' | 'storeAll'>;
  readonly delivery: Pick<Delivery, 'handOutTurn' | 'feed'>;
  readonly away: Pick<AwayNames, 'leave' | 'emptied'>;
  readonly notices: Pick<SenderNotices, 'changed' | 'isNew'>;
  readonly counts: ShardCounts;
  readonly drops: Pick<Drops, 'all'>;
  readonly out: BatchBuilder;
}

export class ReturnedMail {
  readonly #edges: ReturnEdges;

  constructor(edges: ReturnEdges) {
    this.#edges = edges;
  }

  /** Puts everything that a holder of `name` has returned to the front of the mailbox. */
  putBack(name: Name, runs: readonly Frames[]): void {
    const { counts, mailboxes, drops } = this.#edges;
    const { frames, bytes } = sizeOf(runs);
    counts.returned += frames;
    if (frames === 0) return;
    counts.redelivered += redeliveredIn(runs);
    if (name.remembered) mailboxes.putBack(name, runs, frames, bytes);
    else for (const run of runs) drops.all(name.bytes, 'NOTHING_HELD', run);
  }

  /**
   * Takes a return of an attachment that only a crashed life of this shard knew. The frames go to the name in the
   * record.
   */
  takeForeign({ attachment, name: bytes, last, runs }: Return): void {
    const { names, idle, mailboxes, delivery, away, notices, counts, drops, out } = this.#edges;
    if (last) putSettled(out, attachment);
    if (runs.length === 0) return;
    const name = names.findOrAdd(bytes);
    if (notices.isNew(name)) notices.changed(name);
    delivery.handOutTurn(name);
    const { frames, bytes: length } = sizeOf(runs);
    counts.returned += frames;
    counts.redelivered += redeliveredIn(runs);
    idle.remove(name);
    if (name.remembered) mailboxes.putBackBefore(name, runs, frames, length);
    else for (const run of runs) drops.all(name.bytes, 'NOTHING_HELD', run);
    if (name.holder !== undefined) delivery.feed(name);
    else if (name.away) {
      mailboxes.storeAll(name);
      away.emptied(name);
    } else if (name.unsettled === undefined) away.leave(name);
  }
}

/** How many of the frames a program may have got already. */
function redeliveredIn(runs: readonly Frames[]): number {
  let count = 0;
  for (const run of runs) {
    if ((kindsOf(run) & REDELIVERED) === 0) continue;
    for (let at = FRAME_BODY; at < run.count * FRAME_HEADER_WORDS; at += FRAME_HEADER_WORDS) {
      if (((run.headers[at] as number) & REDELIVERED) !== 0) count++;
    }
  }
  return count;
}
