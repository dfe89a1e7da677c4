/**
 * All mail of a shard, as the shard uses it. The shard adds new mail, puts returned mail back, and takes mail from the
 * front of a mailbox to deliver it. `limits` decides how much may wait; `disk` moves mail to the store and back.
 *
 * What must be true after every call:
 * 1. Mail goes out in the order of its numbers (I5). New mail waits behind all other mail, and stored mail goes to the
 *    front before the back does.
 * 2. A message is called held (`whenHeld`) only when its group is written and synced (I13).
 * 3. All mail that waits is counted in `limits`. Its part in memory is counted in `memory-share.ts` too.
 */
import type { DropReason } from '../../src/shared/codes/drops.ts';
import { DURABLE, type Frames } from '../../src/shared/wire/frames/frames.ts';
import type { MessageRecord } from '../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../src/shared/wire/port/shard-task.ts';
import { takeNumber } from '../names/frame-numbers.ts';
import type { Name } from '../names/name.ts';
import { AskedMail } from './asked/asked-mail.ts';
import { Disk, type DiskEdges } from './disk/disk.ts';
import { Expiry } from './expiry.ts';
import type { Budget } from './limits/budget.ts';
import { Limits } from './limits/limits.ts';
import { type MailDropEdges, MailDrops } from './limits/mail-drops.ts';
import { MemoryShare } from './limits/memory-share.ts';
import { type Mailbox, mailboxOf } from './mailbox.ts';
import type { Recovered } from './recovery.ts';
import type { Store } from './store.ts';

export interface MailboxesEdges extends Omit<DiskEdges, 'left'> {
  readonly budget: Budget;
  /**
   * The store for held mail. Without it no mail is held for a name that is away, and mail for connected peers waits in
   * memory.
   */
  readonly store: Store | undefined;
  /** A message was dropped because it is too old, or because its name is forgotten. */
  readonly dropped: MailDropEdges['dropped'];
  readonly emptied: (name: Name) => void;
}

export class Mailboxes {
  readonly #settings: ShardSettings;
  readonly #edges: MailboxesEdges;
  readonly #limits: Limits;
  readonly #memory: MemoryShare;
  readonly #disk: Disk | undefined;
  readonly #expiry: Expiry;
  /** What an operator does with it. */
  readonly asked: AskedMail;

  constructor(settings: ShardSettings, edges: MailboxesEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#memory = new MemoryShare(settings);
    this.#limits = new Limits(settings, edges.budget, (name, message) => this.#unstorable(name, message));
    const left = (name: Name, mailbox: Mailbox) => this.#dropIfEmpty(name, mailbox);
    const answered = () => {
      this.asked.goOn();
      edges.answered();
    };
    this.#disk =
      edges.store && new Disk(edges.store, settings, this.#limits, this.#memory, { ...edges, left, answered });
    const drops = new MailDrops({ ...edges, limits: this.#limits, memory: this.#memory, disk: this.#disk });
    const parts = { limits: this.#limits, disk: this.#disk, drops };
    this.#expiry = new Expiry(settings.holdSeconds, { ...edges, ...parts, left });
    this.asked = new AskedMail({ ...edges, ...parts, left });
  }

  get heldMessages(): number {
    return this.#limits.heldMessages;
  }

  get heldBytes(): number {
    return this.#limits.heldBytes;
  }

  /** The bytes of mail that waits in memory. */
  get memoryBytes(): number {
    return this.#memory.bytes;
  }

  /** Whether all mail that must be stored is stored. */
  get idle(): boolean {
    return this.#disk === undefined || this.#disk.idle;
  }

  /** Whether the store is reading or writing, or will be. */
  get storing(): boolean {
    return this.#disk?.reading === true || !this.idle;
  }

  /** Whether so much is unwritten that senders must be slowed down. */
  get behind(): boolean {
    return this.#disk?.groups.behind === true;
  }

  /** Starts a write of what was gathered. To be called once a turn. */
  submit(): void {
    this.#disk?.groups.submit();
  }

  /** Resumes writes, after the store had failed and can be written again. */
  resume(): void {
    this.#disk?.groups.resume();
  }

  /** Whether mail of the name can be kept on disk. */
  keeps(name: Name): boolean {
    return this.#disk !== undefined && name.remembered;
  }

  /**
   * The only check of the limits, for new mail (limits.ts).
   * @returns why the message may not wait for `name`; undefined if it may. Then it is counted, and `add` must follow
   */
  refuses(name: Name, message: MessageRecord): DropReason | undefined {
    return this.#limits.refuses(name, message);
  }

  /** Adds a message that was not refused, behind all other mail of its name. A durable one must be one of `keeps`. */
  add(name: Name, message: MessageRecord): void {
    const mailbox = mailboxOf(name);
    const length = message.frameLength;
    const now = this.#edges.now();
    const number = takeNumber(name);
    const { frameAt, body } = message;
    const { bytes } = message.memory;
    const fitsFront = this.#fitsFront(mailbox, length, name);
    const durable = (body & DURABLE) !== 0;
    // A durable message is delivered when it is in the store. If it were delivered before, and the broker crashed, its
    // sender would send it again, and it would be another message for who has it already.
    if (durable || (!fitsFront && name.holder === undefined)) {
      this.#disk?.spill.storeBack(name, mailbox);
      this.#disk?.spill.hold(name, mailbox, number, bytes.subarray(frameAt, frameAt + length), now, body);
    } else if (fitsFront) {
      mailbox.front.push(bytes, frameAt, length, body, now, number);
      this.#memory.add(length);
    } else if (name.holder !== undefined) {
      mailbox.back.push(bytes, frameAt, length, body, now, number);
      this.#memory.add(length);
      if (!this.#memory.mayWait(name.holder, mailbox.back.bytes, 0)) this.#disk?.spill.storeBack(name, mailbox);
    }
    this.#disk?.groups.closeIfLarge();
  }

  /** Calls `then` when everything added so far is held. Without a store that is at once. */
  whenHeld(then: () => void): void {
    if (this.#disk === undefined) then();
    else this.#disk.groups.whenWritten(then);
  }

  /** Puts returned mail at the front of the mailbox. It is never refused. */
  putBack(name: Name, runs: readonly Frames[], count: number, bytes: number): void {
    this.#disk?.unclaimed.returned(name, runs);
    this.#disk?.unclaimed.settle(name);
    mailboxOf(name).front.unshift(runs, this.#edges.now());
    this.#memory.add(bytes);
    this.#limits.force(count, bytes);
  }

  /**
   * Stores returned mail that the previous life of this shard had handed out, at the places of its numbers. A message
   * that is in the store already is left out.
   */
  putBackBefore(name: Name, runs: readonly Frames[], frames: number, bytes: number): void {
    if (this.#disk !== undefined) this.#disk.takeover.putBack(name, runs);
    else this.putBack(name, runs, frames, bytes);
  }

  /** `count` frames were taken from a front and handed to a writer. They do not wait any more. */
  handedOut(count: number, bytes: number): void {
    this.#memory.remove(bytes);
    this.#limits.release(count, bytes);
  }

  /** All frames up to this number (modulo 2^32) are written to the peer. Their records are deleted. */
  written(name: Name, lastNumber: number): void {
    this.#disk?.removal.written(name, lastNumber);
  }

  /** The frame with this number (modulo 2^32) was handed to a writer, and its peer has rejected it. */
  rejected(name: Name, number: number): void {
    this.#disk?.removal.deleteOne(name, number);
  }

  /** Fills the front of the mailbox, now or later. If later, `ready` is called when there is mail to deliver. */
  refill(name: Name): void {
    const { mailbox } = name;
    if (mailbox === undefined || mailbox.stored.reading || mailbox.front.bytes >= this.#settings.frontBytes / 2) return;
    if (mailbox.stored.count > 0) this.#disk?.refill(name, mailbox);
    else if (mailbox.back.count > 0) mailbox.moveBackToFront();
    else this.#dropIfEmpty(name, mailbox);
  }

  /** The name has no holder any more, but its writer may still return mail. New mail is stored from now on. */
  holderGone(name: Name): void {
    if (name.mailbox !== undefined) this.#disk?.spill.storeBack(name, name.mailbox);
    this.touch(name);
  }

  /** The name is away, and every frame is accounted for: all its mail is stored, as soon as the disk can follow. */
  storeAll(name: Name): void {
    this.#disk?.unclaimed.settle(name);
    this.touch(name);
    if (name.mailbox !== undefined) this.#disk?.spill.storeAll(name);
  }

  /** Drops mail of the name that is too old. @returns whether anything in memory was dropped */
  dropOld(name: Name): boolean {
    return name.mailbox !== undefined && this.#expiry.drop(name, name.mailbox);
  }

  /** No writer can have mail of the name in its hands: the records of an empty mailbox are of mail that was dropped. */
  tidy(name: Name): void {
    const { mailbox } = name;
    if (mailbox === undefined || mailbox.count > 0) return;
    this.#disk?.removal.deleteBefore(name, mailbox, name.nextNumber);
    this.#dropIfEmpty(name, mailbox);
  }

  /**
   * Drops all mail of the name, and deletes its records.
   * @returns how many messages were dropped from the store. `dropped` was called with those in memory
   */
  forget(name: Name): number {
    const { mailbox } = name;
    const { count = 0, bytes = 0 } = mailbox?.stored ?? {};
    if (mailbox !== undefined) {
      this.#expiry.dropMemory(name, mailbox);
      this.#limits.release(count, bytes);
    }
    this.#disk?.forget(name);
    name.mailbox = undefined;
    return count;
  }

  /** The index record of the name is out of date, and is written again. */
  touch(name: Name): void {
    this.#disk?.index.touch(name);
  }

  /** The next number of the name is on disk before the number rises much further. */
  storeNumber(name: Name): void {
    if (this.#disk === undefined) return;
    this.#disk.index.touch(name);
    this.#disk.groups.mustSync();
  }

  /** The store has this entry of a recent send with the mail that is added next. */
  storeSend(key: Uint8Array, value: Uint8Array): void {
    this.#disk?.groups.put(key, value);
  }

  /** Deletes the entry of a recent send. */
  deleteSend(key: Uint8Array): void {
    this.#disk?.groups.del(key);
    this.#disk?.groups.closeIfLarge();
  }

  /** Takes over mail that was found in the store when the shard began. It counts beyond any limit. */
  recovered(name: Name, recovered: Recovered): void {
    this.#disk?.takeover.recovered(name, recovered);
  }

  /** Everything about the life before is known. */
  begin(): void {
    this.#disk?.unclaimed.begin();
  }

  /** Whether a message could wait only in the store, and the store cannot be written. */
  #unstorable(name: Name, { frameLength: length, body }: MessageRecord): boolean {
    if (this.#disk?.groups.failing !== true) return false;
    if (name.holder === undefined || (body & DURABLE) !== 0) return true;
    return !this.#memory.mayWait(name.holder, (name.mailbox?.back.bytes ?? 0) + length, length);
  }

  /** Whether a new message of `length` bytes may wait at the front: no mail is behind the front, and there is room. */
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
