/**
 * The mail of all names of a shard: what waits in memory, what lies in the store, and the limits of both.
 *
 * What must be true after every call:
 * 1. A message is called held only when the group it is in is written and synced (`whenHeld`).
 * 2. The front of a mailbox is in memory before anything behind it is: mail goes out in the order of its numbers.
 * 3. What is stored is deleted only when it is written to its peer, or dropped and counted.
 * 4. What is counted against the limits is what waits: in memory and in the store, and not in a writer's hands.
 */
import type { DropReason } from '../../src/shared/wire/control.ts';
import type { Frames } from '../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../src/shared/wire/shard-task.ts';
import type { Name } from '../names/name-table.ts';
import { Disk, type DiskEdges } from './disk/disk.ts';
import type { Budget } from './limits/budget.ts';
import { Limits } from './limits/limits.ts';
import { MemoryShare } from './limits/memory-share.ts';
import { type Mailbox, mailboxOf } from './mailbox.ts';
import type { Recovered } from './recovery.ts';
import type { Store } from './store.ts';

export interface MailboxesEdges extends Omit<DiskEdges, 'tooOld' | 'left'> {
  readonly budget: Budget;
  /** Where held mail is; without it nothing is held for a name whose peer is away, and what waits does so in memory. */
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
      tooOld: (count) => edges.dropped('too old', count),
      left: (name, mailbox) => this.#dropIfEmpty(name, mailbox),
    });
  }

  get heldMessages(): number {
    return this.#limits.heldMessages;
  }

  get heldBytes(): number {
    return this.#limits.heldBytes;
  }

  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  /** True when everything that must be in the store is there. */
  get idle(): boolean {
    return this.#disk === undefined || this.#disk.idle;
  }

  /** Whether the store has not answered everything it was asked. */
  get storing(): boolean {
    return this.#disk?.reading === true || !this.idle;
  }

  /** Whether the disk is too far behind to be sent more. */
  get behind(): boolean {
    return this.#disk?.groups.behind === true;
  }

  /** Begins to write what was gathered: once a turn. */
  submit(): void {
    this.#disk?.groups.submit();
  }

  /** The store can be written again. */
  resume(): void {
    this.#disk?.groups.resume();
  }

  /**
   * The one check of the limits, for what is new (limits.ts).
   * @returns why a message may not wait for `name`, or undefined: then it is counted, and must be added
   */
  refuses(name: Name, message: MessageRecord): DropReason | undefined {
    return this.#limits.refuses(name, message);
  }

  /** Lets a message wait that was not refused, as the newest of its name. */
  add(name: Name, message: MessageRecord): void {
    const mailbox = mailboxOf(name);
    const length = message.frameLength;
    const now = this.#edges.now();
    const number = name.nextNumber++;
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
    this.#disk?.groups.cut();
  }

  /** Calls `then` when what was added is held: at once where there is no store. */
  whenHeld(then: () => void): void {
    if (this.#disk === undefined) then();
    else this.#disk.groups.whenWritten(then);
  }

  /** Mail comes back to the front. It is never refused. */
  putBack(name: Name, runs: readonly Frames[], count: number, bytes: number): void {
    mailboxOf(name).front.unshift(runs, this.#edges.now());
    this.#memory.add(bytes);
    this.#limits.force(count, bytes);
  }

  /**
   * Mail comes back that a shard before this one handed out. Here nobody has been given anything yet, so it can take
   * the place that its numbers say, in the store. What of it is there already is left out.
   */
  putBackBefore(name: Name, runs: readonly Frames[]): void {
    this.#disk?.takeover.putBack(name, runs);
  }

  /** `count` frames of the front went to the peer's writer. */
  handedOut(count: number, bytes: number): void {
    this.#memory.remove(bytes);
    this.#limits.release(count, bytes);
  }

  /** All up to the frame with this number (modulo 2^32) is written to the peer: the store need not have it. */
  written(name: Name, lastNumber: number): void {
    this.#disk?.removal.written(name, lastNumber);
  }

  /** Sees to it that the front of the mail is in memory, or will be: then `ready` is called. */
  refill(name: Name): void {
    const { mailbox } = name;
    if (mailbox === undefined || mailbox.stored.reading || mailbox.front.bytes >= this.#settings.frontBytes / 2) return;
    if (mailbox.stored.count > 0) this.#disk?.refill(name, mailbox);
    else if (mailbox.back.count > 0) mailbox.moveBackToFront();
    else this.#dropIfEmpty(name, mailbox);
  }

  /** The peer of `name` is gone, and may have mail in hand: what comes now is stored, behind all there is. */
  holderGone(name: Name): void {
    if (name.mailbox !== undefined) this.#disk?.spill.storeBack(name, name.mailbox);
    this.touch(name);
  }

  /**
   * Nobody is attached and nothing is on its way: all mail of the name goes to the store, as soon as that can follow.
   */
  storeAll(name: Name): void {
    this.touch(name);
    if (name.mailbox !== undefined) this.#disk?.spill.storeAll(name);
  }

  /** Drops what was held before `oldest`. */
  expire(name: Name, oldest: number): void {
    if (name.mailbox !== undefined) this.#disk?.removal.expire(name, name.mailbox, oldest);
  }

  /** Drops all mail of the name, and what the store knows of it. @returns the messages that were dropped */
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

  /** What the store knows of the name is to be written again. */
  touch(name: Name): void {
    this.#disk?.index.touch(name);
  }

  /** What was found in the store counts, whatever the limits. */
  recovered(name: Name, recovered: Recovered): void {
    this.#disk?.takeover.recovered(name, recovered);
  }

  /** Whether a message must be stored to wait for `name`, and the store cannot be written. */
  #unstorable(name: Name, length: number): boolean {
    if (this.#disk?.groups.failing !== true) return false;
    if (name.holder === undefined) return true;
    return !this.#memory.mayWait(name.holder, (name.mailbox?.back.bytes ?? 0) + length, length);
  }

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
