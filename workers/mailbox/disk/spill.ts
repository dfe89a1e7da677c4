/**
 * Moves mail from memory to the store: new mail for a name that is away, a back that has grown too long for memory, and
 * the mail that a peer leaves behind.
 *
 * What must be true:
 * 1. Stored mail is in the order of its numbers, although the front may be written after the mail behind it.
 * 2. Mail of a name that is away is in a group that is synced, or the name is in `#leaving`.
 */

import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import type { FrameQueue } from '../../../src/shared/wire/frames/frame-queue.ts';
import { FRAME_BODY, FRAME_HELD_AT, FRAME_NUMBER, forEachFrame } from '../../../src/shared/wire/frames/frames.ts';
import { expiryOf } from '../../../src/shared/wire/frames/message-head.ts';
import { frameOfValue, messageKey, messageValue } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import { Oldest } from '../../names/oldest.ts';
import type { MemoryShare } from '../limits/memory-share.ts';
import type { Mailbox } from '../mailbox.ts';
import type { FreshMail } from './fresh-mail.ts';
import { GROUP_BYTES, type GroupCommit } from './group-commit.ts';
import type { IndexRecords } from './index-records.ts';
import type { Removal } from './removal.ts';

export interface SpillEdges {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
  readonly fresh: FreshMail;
  readonly memory: MemoryShare;
  readonly removal: Removal;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

export class Spill {
  readonly #edges: SpillEdges;
  /** Names whose peers have left, and whose mail is not stored yet. */
  readonly #leaving = new Map<Name, true>();
  readonly #oldest = new Oldest(this.#leaving);

  constructor(edges: SpillEdges) {
    this.#edges = edges;
  }

  /** Whether all mail that peers left behind is stored. */
  get idle(): boolean {
    return this.#leaving.size === 0;
  }

  /** Stores a new message for a name that is away, behind all other mail. */
  hold(name: Name, mailbox: Mailbox, number: number, frame: Uint8Array, heldAt: number, body: number): void {
    this.#append(name, mailbox, number, frame, heldAt, body);
    this.#edges.groups.mustSync();
  }

  /** Stores the back of a mailbox, behind the stored mail. */
  storeBack(name: Name, mailbox: Mailbox): void {
    if (mailbox.back.count > 0) this.#appendAll(name, mailbox, mailbox.back);
  }

  /** Stores the front and the back of a mailbox, so that all of it is in the store. */
  storeMemory(name: Name, mailbox: Mailbox): void {
    this.storeBack(name, mailbox);
    if (mailbox.front.count === 0) return;
    const behind = mailbox.stored.setAside();
    this.#appendAll(name, mailbox, mailbox.front);
    mailbox.stored.rejoin(behind);
  }

  /** Stores all mail of a name whose peer has left, now or when the disk can follow. */
  storeAll(name: Name): void {
    this.#leaving.set(name, true);
    this.storeLeaving();
  }

  /**
   * Stores the mail that peers left behind, as far as the disk can follow. Many peers can leave at once, each with a
   * whole window of mail. So the mail is copied one group at a time.
   */
  storeLeaving(): void {
    const { groups } = this.#edges;
    while (groups.pendingBytes <= GROUP_BYTES) {
      const oldest = this.#oldest.find();
      if (oldest === undefined) return;
      const [name] = oldest;
      this.#leaving.delete(name);
      if (name.holder === undefined && name.mailbox !== undefined) this.#storeLeft(name, name.mailbox);
      groups.closeIfLarge();
    }
  }

  forget(name: Name): void {
    this.#leaving.delete(name);
  }

  #storeLeft(name: Name, mailbox: Mailbox): void {
    const { groups, index, removal, left } = this.#edges;
    this.storeMemory(name, mailbox);
    // Mail that was stored only to save memory was not synced. From now on it counts as held.
    if (mailbox.stored.count > 0) groups.mustSync();
    removal.deleteBefore(name, mailbox, mailbox.firstWaiting(name.nextNumber));
    index.touch(name);
    left(name, mailbox);
  }

  #appendAll(name: Name, mailbox: Mailbox, queue: FrameQueue): void {
    const run = queue.takeRun(Number.POSITIVE_INFINITY);
    this.#edges.memory.remove(run.bytes.length);
    forEachFrame(run, (at, length, header) => {
      const number = widen(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
      const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0;
      const body = run.headers[header + FRAME_BODY] as number;
      this.#append(name, mailbox, number, run.bytes.subarray(at, at + length), heldAt, body);
    });
  }

  #append(name: Name, mailbox: Mailbox, number: number, frame: Uint8Array, heldAt: number, body: number): void {
    const value = messageValue(frame, heldAt, body);
    const expiry = expiryOf(body, frame, 0, frame.length);
    this.#edges.groups.put(messageKey(name.bytes, number), value);
    mailbox.stored.append(number, frame.length, heldAt, expiry);
    this.#edges.removal.storedAgain(mailbox, number);
    if (name.holder !== undefined) {
      this.#edges.fresh.add(mailbox, { number, heldAt, body, frame: frameOfValue(value), expiry });
    }
    this.#edges.index.touch(name);
  }
}
