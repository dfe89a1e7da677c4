/**
 * The mail of all names of a shard: what waits in memory, what lies in the store, and the limits of both.
 *
 * What must be true after every call:
 * 1. A message is called held only when the group it is in is written and synced (`whenHeld`).
 * 2. The front of a mailbox is in memory before anything behind it is: mail goes out in the order of its numbers.
 * 3. What is stored is deleted only when it is written to its peer, or dropped and counted.
 * 4. What is counted against the limits is what waits: in memory and in the store, and not in a writer's hands.
 */
import { fullNumber } from '../../src/shared/common/serial.ts';
import type { DropReason } from '../../src/shared/wire/control.ts';
import type { FrameQueue } from '../../src/shared/wire/frame-queue.ts';
import { FRAME_BODY, FRAME_HELD_AT, FRAME_NUMBER, type Frames, forEachFrame } from '../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../src/shared/wire/shard-task.ts';
import { messageKey, messageRange, messageValue } from '../../src/store/format.ts';
import { type Name, nameKey } from '../names/name-table.ts';
import { GROUP_BYTES, GroupCommit } from './disk/group-commit.ts';
import { IndexRecords } from './disk/index-records.ts';
import { StoredReader } from './disk/stored-reader.ts';
import type { Budget } from './limits/budget.ts';
import { Limits } from './limits/limits.ts';
import { MemoryShare } from './limits/memory-share.ts';
import { Mailbox, mailboxOf } from './mailbox.ts';
import type { Recovered } from './recovery.ts';
import type { Store } from './store.ts';
import { StoredPart } from './stored-part.ts';

/** What is read from the store at a time while memory is short. */
const SCARCE_READ_BYTES = 8 * 1024;

export interface MailboxesEdges {
  readonly budget: Budget;
  /** Where held mail lies; without it nothing is held for who is away, and what waits does so in memory. */
  readonly store: Store | undefined;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly dropped: (reason: DropReason, count: number) => void;
  /** More of the front of a name's mail is in memory. */
  readonly ready: (name: Name) => void;
  /** A name has no mail any more. */
  readonly emptied: (name: Name) => void;
  /** The store has answered: what there is to say now does not come of a post. */
  readonly answered: () => void;
  /** The store has failed: nothing is written until `resume`. */
  readonly failed: (error: Error) => void;
  /** So much of the mail of a name was counted, and is not there or is none. */
  readonly missing: (name: Name, count: number) => void;
  /** Mail could not be read: it stays where it is, and is tried again. */
  readonly unreadable: (error: Error) => void;
}

export class Mailboxes {
  readonly #settings: ShardSettings;
  readonly #edges: MailboxesEdges;
  readonly #groups: GroupCommit | undefined;
  readonly #index: IndexRecords | undefined;
  readonly #reader: StoredReader | undefined;
  /** Names whose peers have left, and whose mail is still to be stored. */
  readonly #leaving = new Set<Name>();
  /** Of names whose mail a shard before this one had handed out: what of it was found in the store, and waits there. */
  readonly #handedBefore = new Map<string, ReadonlySet<number>>();
  readonly #limits: Limits;
  readonly #memory: MemoryShare;

  constructor(settings: ShardSettings, edges: MailboxesEdges) {
    this.#settings = settings;
    this.#edges = edges;
    this.#memory = new MemoryShare(settings);
    this.#limits = new Limits(settings, edges.budget, (name, length) => this.#unstorable(name, length));
    if (edges.store === undefined) return;
    this.#reader = new StoredReader(edges.store, settings.frontBytes, {
      ...edges,
      read: (bytes) => this.#memory.add(bytes),
      damaged: (name, count, bytes) => {
        if (count > 0) edges.missing(name, count);
        this.#limits.release(count, bytes);
      },
    });
    this.#groups = new GroupCommit(edges.store, {
      seal: () => this.#index?.seal(),
      wrote: () => {
        this.#storeLeaving();
        this.#groups?.submit();
        edges.answered();
      },
      failed: (error) => {
        edges.failed(error);
        edges.answered();
      },
    });
    this.#index = new IndexRecords(this.#groups, edges.ready);
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
    return (this.#groups?.idle ?? true) && (this.#index?.idle ?? true) && this.#leaving.size === 0;
  }

  /** Whether the store has not answered everything it was asked. */
  get storing(): boolean {
    return this.#reader?.reading === true || !this.idle;
  }

  /** Whether the disk is too far behind to be sent more. */
  get behind(): boolean {
    return this.#groups?.behind === true;
  }

  /** Begins to write what was gathered: once a turn. */
  submit(): void {
    this.#groups?.submit();
  }

  /** The store can be written again. */
  resume(): void {
    this.#groups?.resume();
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
      if (!this.#memory.mayWait(name.holder, mailbox.back.bytes, 0)) this.#spill(name, mailbox);
    } else {
      this.#storeFrame(name, mailbox, number, bytes.subarray(frameAt, frameAt + length), now, bodyOffset);
      this.#groups?.mustSync();
    }
    this.#groups?.cut();
  }

  /** Calls `then` when what was added is held: at once where there is no store. */
  whenHeld(then: () => void): void {
    if (this.#groups === undefined) then();
    else this.#groups.whenWritten(then);
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
    const mailbox = mailboxOf(name);
    this.#storeMemory(name, mailbox);
    const before = this.#handedBefore.get(nameKey(name.bytes));
    mailbox.stored.uncommit();
    for (const run of runs) {
      forEachFrame(run, (at, length, header) => {
        const number = fullNumber(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
        if (before?.has(number)) return;
        name.nextNumber = Math.max(name.nextNumber, number + 1);
        const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0 || this.#edges.now();
        const frame = run.bytes.subarray(at, at + length);
        const body = run.headers[header + FRAME_BODY] as number;
        this.#groups?.put(messageKey(name.bytes, number), messageValue(frame, heldAt, body));
        mailbox.stored.insert(number, length, heldAt);
        this.#limits.force(1, length);
      });
    }
    this.#groups?.mustSync();
    this.touch(name);
    this.#dropIfEmpty(name, mailbox);
  }

  /** `count` frames of the front went to the peer's writer. */
  handedOut(count: number, bytes: number): void {
    this.#memory.remove(bytes);
    this.#limits.release(count, bytes);
  }

  /** All up to the frame with this number (modulo 2^32) is written to the peer: the store need not have it. */
  written(name: Name, lastNumber: number): void {
    const { mailbox } = name;
    if (mailbox?.stored.hasRecords !== true) return;
    const last = fullNumber(lastNumber, name.nextNumber);
    if (last >= name.nextNumber) return; // ignored: no frame has that number yet
    this.#remove(name, mailbox, Math.min(last + 1, mailbox.firstWaiting(name.nextNumber)));
    this.#dropIfEmpty(name, mailbox);
  }

  /** Sees to it that the front of the mail is in memory, or will be: then `ready` is called. */
  refill(name: Name): void {
    const { mailbox } = name;
    if (mailbox === undefined || mailbox.stored.reading || mailbox.front.bytes >= this.#settings.frontBytes / 2) return;
    if (mailbox.stored.count > 0) {
      if (mailbox.stored.readable) this.#readFront(name, mailbox);
      // What is not committed cannot be read; `ready` comes when it is. On a full disk that may take for ever.
      else if (this.#groups?.failing === true) this.#takeUnwritten(name, mailbox);
    } else if (mailbox.back.count > 0) mailbox.moveBackToFront();
    else this.#dropIfEmpty(name, mailbox);
  }

  /** While memory is short, little is read at a time, and only where nothing is there. */
  #readFront(name: Name, mailbox: Mailbox): void {
    if (!this.#memory.full) this.#reader?.readToFront(name, mailbox);
    else if (mailbox.front.count === 0) this.#reader?.readToFront(name, mailbox, SCARCE_READ_BYTES);
  }

  /** The peer of `name` is gone, and may have mail in hand: what comes now is stored, behind all there is. */
  holderGone(name: Name): void {
    if (name.mailbox !== undefined) this.#spill(name, name.mailbox);
    this.touch(name);
  }

  /**
   * Nobody is attached and nothing is on its way: all mail of the name goes to the store, as soon as that can follow.
   */
  storeAll(name: Name): void {
    this.touch(name);
    if (name.mailbox === undefined || this.#groups === undefined) return;
    this.#leaving.add(name);
    this.#storeLeaving();
  }

  /** Many peers can leave at once, and each may leave its whole window: that is copied a group at a time. */
  #storeLeaving(): void {
    for (const name of this.#leaving) {
      if ((this.#groups?.pendingBytes ?? 0) > GROUP_BYTES) return;
      this.#leaving.delete(name);
      if (name.holder === undefined && name.mailbox !== undefined) this.#storeLeft(name, name.mailbox);
      this.#groups?.cut();
    }
  }

  #storeLeft(name: Name, mailbox: Mailbox): void {
    this.#storeMemory(name, mailbox);
    // What was stored for want of memory was not synced for that; from now on it is held.
    if (mailbox.stored.count > 0) this.#groups?.mustSync();
    this.#remove(name, mailbox, mailbox.firstWaiting(name.nextNumber));
    this.touch(name);
    this.#dropIfEmpty(name, mailbox);
  }

  /** What is in memory goes to the store, so that all of the mailbox is there. */
  #storeMemory(name: Name, mailbox: Mailbox): void {
    this.#spill(name, mailbox);
    if (mailbox.front.count === 0) return;
    const behind = mailbox.stored.setAside();
    this.#storeQueue(name, mailbox, mailbox.front);
    mailbox.stored.rejoin(behind);
  }

  /** Drops what was held before `oldest`. */
  expire(name: Name, oldest: number): void {
    const { mailbox } = name;
    if (mailbox === undefined) return;
    const old = mailbox.front.expire(oldest);
    if (old.count > 0) {
      this.#memory.remove(old.bytes);
      this.#dropOld(old.count, old.bytes);
      if (mailbox.stored.hasRecords) this.#remove(name, mailbox, fullNumber(old.number, name.nextNumber) + 1);
    }
    const back = mailbox.back.expire(oldest);
    if (back.count > 0) {
      this.#memory.remove(back.bytes);
      this.#dropOld(back.count, back.bytes);
    }
    const { stored } = mailbox;
    const storedIsOld = stored.count > 0 && stored.oldest < oldest && name.holder === undefined;
    if (storedIsOld && stored.readable) this.#dropOldStored(name, mailbox, oldest);
    this.#dropIfEmpty(name, mailbox);
  }

  /** Drops all mail of the name, and what the store knows of it. @returns the messages that were dropped */
  forget(name: Name): number {
    const { mailbox } = name;
    const count = mailbox?.count ?? 0;
    if (mailbox !== undefined) {
      this.#memory.remove(mailbox.front.bytes + mailbox.back.bytes);
      this.#limits.release(count, mailbox.bytes);
      this.#remove(name, mailbox, name.nextNumber);
      name.mailbox = undefined;
    }
    this.#leaving.delete(name);
    this.#handedBefore.delete(nameKey(name.bytes));
    this.#index?.remove(name);
    return count;
  }

  /** What the store knows of the name is to be written again. */
  touch(name: Name): void {
    this.#index?.touch(name);
  }

  /** What was found in the store counts, whatever the limits. */
  recovered(name: Name, { record, waitingFrom, written, handedBefore }: Recovered): void {
    name.mailbox = new Mailbox(StoredPart.recovered(record, waitingFrom));
    if (this.#limits.heldMessages === 0) {
      // A shard or a broker that crashed may not have synced what it wrote last: a group that is covers all before it.
      this.touch(name);
      this.#groups?.mustSync();
    }
    this.#remove(name, name.mailbox, written + 1);
    if (handedBefore.length > 0) this.#handedBefore.set(nameKey(name.bytes), new Set(handedBefore));
    this.#limits.force(record.count, record.bytes);
  }

  /** Whether a message must be stored to wait for `name`, and the store cannot be written. */
  #unstorable(name: Name, length: number): boolean {
    if (this.#groups?.failing !== true) return false;
    if (name.holder === undefined) return true;
    return !this.#memory.mayWait(name.holder, (name.mailbox?.back.bytes ?? 0) + length, length);
  }

  #fitsFront(mailbox: Mailbox, length: number, name: Name): boolean {
    if (this.#groups === undefined) return true;
    if (name.holder === undefined || mailbox.stored.count > 0 || mailbox.back.count > 0) return false;
    return this.#memory.mayWait(name.holder, mailbox.front.bytes + length, length);
  }

  /** Stores one frame behind all that is stored. */
  #storeFrame(name: Name, mailbox: Mailbox, number: number, frame: Uint8Array, heldAt: number, body: number): void {
    this.#groups?.put(messageKey(name.bytes, number), messageValue(frame, heldAt, body));
    mailbox.stored.append(number, frame.length, heldAt);
    this.touch(name);
  }

  /** What is at the back goes to the store, behind all that is stored. */
  #spill(name: Name, mailbox: Mailbox): void {
    if (this.#groups !== undefined && mailbox.back.count > 0) this.#storeQueue(name, mailbox, mailbox.back);
  }

  #storeQueue(name: Name, mailbox: Mailbox, queue: FrameQueue): void {
    const run = queue.takeRun(Number.POSITIVE_INFINITY);
    this.#memory.remove(run.bytes.length);
    forEachFrame(run, (at, length, header) => {
      const number = fullNumber(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
      const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0;
      const body = run.headers[header + FRAME_BODY] as number;
      this.#storeFrame(name, mailbox, number, run.bytes.subarray(at, at + length), heldAt, body);
    });
  }

  /** Deletes from the store what has a number below `before`. */
  #remove(name: Name, mailbox: Mailbox, before: number): void {
    const { stored } = mailbox;
    const to = Math.min(before, stored.recordsTo);
    if (to <= stored.recordsFrom) return;
    for (let number = stored.recordsFrom; number < to; number++) this.#groups?.del(messageKey(name.bytes, number));
    stored.noteDeleted(to);
    this.touch(name);
  }

  #dropOld(count: number, bytes: number): void {
    this.#edges.dropped('too old', count);
    this.#limits.release(count, bytes);
  }

  #dropIfEmpty(name: Name, mailbox: Mailbox): void {
    if (name.mailbox !== mailbox || mailbox.count > 0 || mailbox.stored.hasRecords) return;
    name.mailbox = undefined;
    this.#edges.emptied(name);
  }

  /** The disk takes nothing, and a peer is there: what was to be written goes to it from memory. */
  #takeUnwritten(name: Name, mailbox: Mailbox): void {
    const range = messageRange(name.bytes, mailbox.stored.from, mailbox.stored.to);
    this.#reader?.moveToFront(name, mailbox, this.#groups?.unwritten(range) ?? []);
  }

  /** Drops from the store the first that were held before `oldest`. */
  #dropOldStored(name: Name, mailbox: Mailbox, oldest: number): void {
    this.#reader?.read(name, mailbox, (messages) => {
      const kept = messages.findIndex(({ heldAt }) => heldAt >= oldest);
      const old = kept < 0 ? messages : messages.slice(0, kept);
      const last = old[old.length - 1];
      if (last !== undefined) {
        const bytes = old.reduce((sum, { frame }) => sum + frame.length, 0);
        mailbox.stored.take(old.length, bytes, last.number);
        this.#dropOld(old.length, bytes);
        this.#remove(name, mailbox, last.number + 1);
      }
      const first = messages[kept];
      if (first !== undefined) mailbox.stored.noteOldest(first.heldAt);
      this.#dropIfEmpty(name, mailbox);
    });
  }
}
