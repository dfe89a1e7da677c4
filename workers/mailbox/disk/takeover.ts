/**
 * What a shard takes over when it begins: mail in the store, and, after a crash, mail that the previous life had handed
 * to writers and that they return.
 *
 * What must be true: no message is taken over twice. A message that was handed out may be in the store, and may be
 * returned as well. The returned copy is then left out.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import {
  FRAME_BODY,
  FRAME_HELD_AT,
  FRAME_NUMBER,
  type Frames,
  forEachFrame,
} from '../../../src/shared/wire/frames/frames.ts';
import { expiryOf } from '../../../src/shared/wire/frames/message-head.ts';
import { messageKey, messageValue } from '../../../src/store/format.ts';
import { continueBehind } from '../../names/frame-numbers.ts';
import { type Name, nameKey } from '../../names/name.ts';
import type { Limits } from '../limits/limits.ts';
import { Mailbox, mailboxOf } from '../mailbox.ts';
import type { Recovered } from '../recovery.ts';
import { StoredPart } from '../stored-part.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IndexRecords } from './index-records.ts';
import type { Removal } from './removal.ts';
import type { Spill } from './spill.ts';
import type { Unclaimed } from './unclaimed.ts';

export interface TakeoverEdges {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
  readonly removal: Removal;
  readonly spill: Spill;
  readonly unclaimed: Unclaimed;
  readonly limits: Limits;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

export class Takeover {
  readonly #edges: TakeoverEdges;
  /** By name: the numbers of messages that wait in the store and that the previous life had handed out. */
  readonly #handedBefore = new Map<string, ReadonlySet<number>>();

  constructor(edges: TakeoverEdges) {
    this.#edges = edges;
  }

  /** Takes over mail that was found in the store. It counts beyond any limit. */
  recovered(name: Name, { record, waitingFrom, written, handedBefore, handed, rejected, gaps }: Recovered): void {
    const { groups, index, removal, unclaimed, limits } = this.#edges;
    name.mailbox = new Mailbox(
      StoredPart.recovered(record, waitingFrom, [...gaps, { from: record.next, to: name.nextNumber }]),
    );
    if (limits.heldMessages === 0) {
      // The last writes before a crash may not be synced. A synced group also syncs every write before it, so one is
      // enough.
      index.touch(name);
      groups.mustSync();
    }
    removal.deleteBefore(name, name.mailbox, written + 1);
    for (const number of rejected) removal.deleteUnread(name, name.mailbox, number);
    unclaimed.found(name, handed);
    if (handedBefore.length > 0) this.#handedBefore.set(nameKey(name.bytes), new Set(handedBefore));
    limits.force(record.count, record.bytes);
  }

  /**
   * Stores returned mail at the places of its numbers. That keeps the order, because this life has not delivered
   * anything of the name yet.
   */
  putBack(name: Name, runs: readonly Frames[]): void {
    const { groups, index, spill, unclaimed, left } = this.#edges;
    const mailbox = mailboxOf(name);
    spill.storeMemory(name, mailbox);
    mailbox.stored.uncommit();
    unclaimed.returned(name, runs);
    for (const run of runs) this.#insert(name, mailbox, run);
    unclaimed.settle(name);
    groups.mustSync();
    index.touch(name);
    left(name, mailbox);
  }

  #insert(name: Name, mailbox: Mailbox, run: Frames): void {
    const { groups, limits, removal, now } = this.#edges;
    const before = this.#handedBefore.get(nameKey(name.bytes));
    forEachFrame(run, (at, length, header) => {
      const number = widen(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
      if (before?.has(number)) return;
      continueBehind(name, number);
      const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0 || now();
      const frame = run.bytes.subarray(at, at + length);
      const body = run.headers[header + FRAME_BODY] as number;
      groups.put(messageKey(name.bytes, number), messageValue(frame, heldAt, body));
      mailbox.stored.insert(number, length, heldAt, expiryOf(body, frame, 0, frame.length));
      removal.storedAgain(mailbox, number);
      limits.force(1, length);
    });
  }

  forget(name: Name): void {
    this.#handedBefore.delete(nameKey(name.bytes));
  }
}
