/**
 * What a shard takes over from the life of this shard before it: mail that is in the store, and mail that comes back
 * from writers which that life had handed it to.
 *
 * What must be true: nothing is taken over twice. What the life before had handed out can be in the store and come back
 * as well; then what comes back is left out.
 */
import { fullNumber } from '../../../src/shared/common/serial.ts';
import { FRAME_BODY, FRAME_HELD_AT, FRAME_NUMBER, type Frames, forEachFrame } from '../../../src/shared/wire/frames.ts';
import { messageKey, messageValue } from '../../../src/store/format.ts';
import { type Name, nameKey } from '../../names/name-table.ts';
import type { Limits } from '../limits/limits.ts';
import { Mailbox, mailboxOf } from '../mailbox.ts';
import type { Recovered } from '../recovery.ts';
import { StoredPart } from '../stored-part.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IndexRecords } from './index-records.ts';
import type { Removal } from './removal.ts';
import type { Spill } from './spill.ts';

export interface TakeoverEdges {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
  readonly removal: Removal;
  readonly spill: Spill;
  readonly limits: Limits;
  /** Seconds since 1970. */
  readonly now: () => number;
  /** There may be nothing in a mailbox. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

export class Takeover {
  readonly #edges: TakeoverEdges;
  /** By name: the numbers of what waits in the store, and had been handed out by the life before. */
  readonly #handedBefore = new Map<string, ReadonlySet<number>>();

  constructor(edges: TakeoverEdges) {
    this.#edges = edges;
  }

  /** What was found in the store waits, whatever the limits are. */
  recovered(name: Name, { record, waitingFrom, written, handedBefore }: Recovered): void {
    const { groups, index, removal, limits } = this.#edges;
    name.mailbox = new Mailbox(StoredPart.recovered(record, waitingFrom));
    if (limits.heldMessages === 0) {
      // A shard or a broker that crashed may not have synced what it wrote last: a group that is covers all before it.
      index.touch(name);
      groups.mustSync();
    }
    removal.deleteBefore(name, name.mailbox, written + 1);
    if (handedBefore.length > 0) this.#handedBefore.set(nameKey(name.bytes), new Set(handedBefore));
    limits.force(record.count, record.bytes);
  }

  /**
   * Stores mail that comes back, in the place that its numbers say: this life has handed out nothing of the name yet.
   */
  putBack(name: Name, runs: readonly Frames[]): void {
    const { groups, index, spill, left } = this.#edges;
    const mailbox = mailboxOf(name);
    spill.storeMemory(name, mailbox);
    mailbox.stored.uncommit();
    for (const run of runs) this.#insert(name, mailbox, run);
    groups.mustSync();
    index.touch(name);
    left(name, mailbox);
  }

  #insert(name: Name, mailbox: Mailbox, run: Frames): void {
    const { groups, limits, now } = this.#edges;
    const before = this.#handedBefore.get(nameKey(name.bytes));
    forEachFrame(run, (at, length, header) => {
      const number = fullNumber(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
      if (before?.has(number)) return;
      name.nextNumber = Math.max(name.nextNumber, number + 1);
      const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0 || now();
      const frame = run.bytes.subarray(at, at + length);
      const body = run.headers[header + FRAME_BODY] as number;
      groups.put(messageKey(name.bytes, number), messageValue(frame, heldAt, body));
      mailbox.stored.insert(number, length, heldAt);
      limits.force(1, length);
    });
  }

  /** The name is forgotten with all its mail. */
  forget(name: Name): void {
    this.#handedBefore.delete(nameKey(name.bytes));
  }
}
