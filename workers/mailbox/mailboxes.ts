/**
 * The mail of all names of a shard, as the shard sees it. The shard adds new mail and puts back what returns, and is
 * given the front of a mailbox to feed a peer from. How much may wait is decided in `limits`; what goes to the store
 * and comes from there is done in `disk`.
 *
 * What must be true after every call:
 * 1. Mail goes out in the order of its numbers. New mail waits behind all that waits, and a front takes what is in the
 *    store before it takes what is at the back.
 * 2. A message is called held (`whenHeld`) only when the group that it is in is written and synced.
 * 3. All mail that waits is counted, in `limits`, and what of it is in memory is counted in `memory-share.ts` too.
 */

import type { DropReason } from '../../src/shared/codes/drops.ts';
import type { Frames } from '../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../src/shared/wire/shard-task.ts';
import { takeNumber } from '../names/frame-numbers.ts';
import type { Name } from '../names/name.ts';
import { Disk, type DiskEdges } from './disk/disk.ts';
import type { Budget } from './limits/budget.ts';
import { Limits } from './limits/limits.ts';
import { MemoryShare } from './limits/memory-share.ts';
import { type Mailbox, mailboxOf } from './mailbox.ts';
import type { Recovered } from './recovery.ts';
import type { Store } from './store.ts';

export interface MailboxesEdges extends Omit<DiskEdges, 'tooOld' | 'left'> {
  readonly budget: Budget;
  /** Where mail is held. Without it none is held for a name that is away, and what waits for others is in memory. */
  readonly store: Store | undefined;
  readonly dropped: (reason: DropReason, count: number) => void;
  /** A name has no mail any more. */
  readonly emptied: (name: Name) => void;
}

export class Mailboxes {
  readonly #settings: ShardSettings;
  readonly #edges: MailboxesEdges;
  readonly #limits: Limits;
  readonly #memory: MemoryShare;
  readonly #disk: Disk | undefined;

  constructor(settings: ShardSettings, edges: MailboxesEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#memory = new MemoryShare(settings);
    this.#limits = new Limits(settings, edges.budget, (name, length) => this.#unstorable(name, length));
    if (edges.store === undefined) return;
    this.#disk = new Disk(edges.store, settings, this.#limits, this.#memory, {
      ...edges,
      tooOld: (count) => edges.dropped('TOO_OLD', count),
      left: (name, mailbox) => this.#dropIfEmpty(name, mailbox),
    });
  }

  /** Messages that wait. */
  get heldMessages(): number {
    return this.#limits.heldMessages;
  }

  /** The bytes of those messages. */
  get heldBytes(): number {
    return this.#limits.heldBytes;
  }

  /** What of those bytes is in memory. */
  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  /** Whether everything that must be in the store is there. */
  get idle(): boolean {
    return this.#disk === undefined || this.#disk.idle;
  }

  /** Whether the store has something to do: to write, or to read. */
  get storing(): boolean {
    return this.#disk?.reading === true || !this.idle;
  }

  /** Whether so much waits to be written that senders must be slowed down. */
  get behind(): boolean {
    return this.#disk?.groups.behind === true;
  }

  /** Begins to write what was gathered. To be called once a turn. */
  submit(): void {
    this.#disk?.groups.submit();
  }

  /** The store can be written again. */
  resume(): void {
    this.#disk?.groups.resume();
  }

  /**
   * The one check of the limits, for new mail (limits.ts).
   * @returns why the message may not wait for `name`, or undefined: then it is counted, and must be added
   */
  refuses(name: Name, message: MessageRecord): DropReason | undefined {
    return this.#limits.refuses(name, message);
  }

  /** Lets a message that was not refused wait for its name, behind all that waits. */
  add(name: Name, message: MessageRecord): void {
    const mailbox = mailboxOf(name);
    const length = message.frameLength;
    const now = this.#edges.now();
    const number = takeNumber(name);
    const { frameAt, bodyOffset } = message;
    const { bytes } = message.memory;
    if (this.#fitsFront(mailbox, length, name)) {
      mailbox.front.push(bytes, frameAt, length, bodyOffset, now, number);
      this.#memory.add(length);
    } else if (name.holder !== undefined) {
      mailbox.back.push(bytes, frameAt, length, bodyOffset, now, number);
      this.#memory.add(length);
      if (!this.#memory.mayWait(name.holder, mailbox.back.bytes, 0)) this.#disk?.spill.storeBack(name, mailbox);
    } else {
      const frame = bytes.subarray(frameAt, frameAt + length);
      this.#disk?.spill.hold(name, mailbox, number, frame, now, bodyOffset);
    }
    this.#disk?.groups.closeIfLarge();
  }

  /** Calls `then` when all that was added so far is held: at once where there is no store. */
  whenHeld(then: () => void): void {
    if (this.#disk === undefined) then();
    else this.#disk.groups.whenWritten(then);
  }

  /** Mail comes back, to the front of the mailbox. It is never refused. */
  putBack(name: Name, runs: readonly Frames[], count: number, bytes: number): void {
    mailboxOf(name).front.unshift(runs, this.#edges.now());
    this.#memory.add(bytes);
    this.#limits.force(count, bytes);
  }

  /**
   * Mail comes back that the life of this shard before had handed out. It takes the place in the store that its numbers
   * say. What of it is there already is left out.
   */
  putBackBefore(name: Name, runs: readonly Frames[], frames: number, bytes: number): void {
    if (this.#disk !== undefined) this.#disk.takeover.putBack(name, runs);
    else this.putBack(name, runs, frames, bytes);
  }

  /** `count` frames were taken from a front and handed to a writer: they do not wait any more. */
  handedOut(count: number, bytes: number): void {
    this.#memory.remove(bytes);
    this.#limits.release(count, bytes);
  }

  /** All up to the frame with this number (modulo 2^32) is written to the peer. Its records are deleted. */
  written(name: Name, lastNumber: number): void {
    this.#disk?.removal.written(name, lastNumber);
  }

  /** Fills the front of the name's mailbox, now or later. If later, `ready` is called when that can go on. */
  refill(name: Name): void {
    const { mailbox } = name;
    if (mailbox === undefined || mailbox.stored.reading || mailbox.front.bytes >= this.#settings.frontBytes / 2) return;
    if (mailbox.stored.count > 0) this.#disk?.refill(name, mailbox);
    else if (mailbox.back.count > 0) mailbox.moveBackToFront();
    else this.#dropIfEmpty(name, mailbox);
  }

  /** The name has no holder any more, but mail may still come back from its writer. New mail is stored from now on. */
  holderGone(name: Name): void {
    if (name.mailbox !== undefined) this.#disk?.spill.storeBack(name, name.mailbox);
    this.touch(name);
  }

  /** The name is away, and no mail of it is on its way: all of it is stored, as soon as the disk can follow. */
  storeAll(name: Name): void {
    this.touch(name);
    if (name.mailbox !== undefined) this.#disk?.spill.storeAll(name);
  }

  /** Drops what of the name's mail was held before `oldest`. */
  expire(name: Name, oldest: number): void {
    if (name.mailbox !== undefined) this.#disk?.removal.expire(name, name.mailbox, oldest);
  }

  /** Drops all mail of the name, and its records. @returns how many messages were dropped */
  forget(name: Name): number {
    const { mailbox } = name;
    const count = mailbox?.count ?? 0;
    if (mailbox !== undefined) {
      this.#memory.remove(mailbox.front.bytes + mailbox.back.bytes);
      this.#limits.release(count, mailbox.bytes);
    }
    this.#disk?.forget(name);
    name.mailbox = undefined;
    return count;
  }

  /** The index record of the name is to be written again. */
  touch(name: Name): void {
    this.#disk?.index.touch(name);
  }

  /** The name has mail that was found in the store when the shard began. It counts, whatever the limits are. */
  recovered(name: Name, recovered: Recovered): void {
    this.#disk?.takeover.recovered(name, recovered);
  }

  /** Whether a message of `length` bytes must be stored to wait for `name`, and the store cannot be written. */
  #unstorable(name: Name, length: number): boolean {
    if (this.#disk?.groups.failing !== true) return false;
    if (name.holder === undefined) return true;
    return !this.#memory.mayWait(name.holder, (name.mailbox?.back.bytes ?? 0) + length, length);
  }

  /** Whether a new message of `length` bytes may wait at the front: nothing waits behind that, and there is room. */
  #fitsFront(mailbox: Mailbox, length: number, name: Name): boolean {
    if (this.#disk === undefined) return true;
    if (name.holder === undefined || mailbox.stored.count > 0 || mailbox.back.count > 0) return false;
    return this.#memory.mayWait(name.holder, mailbox.front.bytes + length, length);
  }

  #dropIfEmpty(name: Name, mailbox: Mailbox): void {
    if (name.mailbox !== mailbox || mailbox.count > 0 || mailbox.stored.hasRecords) return;
    name.mailbox = undefined;
    this.#edges.emptied(name);
  }
}
