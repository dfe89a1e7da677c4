/**
 * The mail of all names of a shard: what waits in memory, what lies in the store, and the limits of both.
 *
 * What must be true after every call:
 * 1. A message is called held only when the group it is in is written and synced (`whenHeld`).
 * 2. The front of a mailbox is in memory before anything behind it is: mail goes out in the order of its numbers.
 * 3. What is stored is deleted only when it is written to its peer, or dropped and counted.
 * 4. What is counted against the limits is what waits: in memory and in the store, and not in a writer's hands.
 */
import { widen } from '../../src/shared/common/serial.ts';
import type { DropReason } from '../../src/shared/wire/control.ts';
import type { FrameQueue } from '../../src/shared/wire/frame-queue.ts';
import { FRAME_BODY, FRAME_HELD_AT, FRAME_NUMBER, type Frames, forEachFrame } from '../../src/shared/wire/frames.ts';
import type { MessageRecord } from '../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../src/shared/wire/shard-task.ts';
import { indexKey, indexValue, messageKey, messageRange, messageValue } from '../../src/store/format.ts';
import type { Attachment } from '../names/attachment.ts';
import { type Name, nameKey } from '../names/name-table.ts';
import type { Budget } from './budget.ts';
import { GROUP_BYTES, Journal } from './group-commit.ts';
import { Mailbox } from './mailbox.ts';
import type { Recovered } from './recovery.ts';
import { Reserve, senderOf, withoutReserve } from './reserve.ts';
import type { Store } from './store.ts';
import { TailReader } from './stored-reader.ts';

/** Past this the shard no longer says that it has worked off what it is sent, until the disk has caught up. */
const JOURNAL_HIGH_WATER_BYTES = 2 * GROUP_BYTES;

/** So many times its window may wait in memory at either end of the mailbox of a peer that reads. */
const ROOMY_WINDOWS = 4;

/** What is read from the store at a time while memory is short. */
const SCARCE_READ_BYTES = 8 * 1024;

export interface MailroomEdges {
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

/** What a group commits of a mailbox. */
interface Committed {
  readonly name: Name;
  readonly mailbox: Mailbox;
  readonly to: number;
  readonly order: number;
}

export class Mailroom {
  readonly #settings: ShardSettings;
  readonly #edges: MailroomEdges;
  readonly #journal: Journal | undefined;
  readonly #tails: TailReader | undefined;
  /** Names whose peers have left, and whose mail is still to be stored. */
  readonly #leaving = new Set<Name>();
  /** Names whose index record is not what the store has. */
  readonly #touched = new Set<Name>();
  /** Of names whose mail a shard before this one had handed out: what of it was found in the store, and waits there. */
  readonly #handedBefore = new Map<string, ReadonlySet<number>>();
  /** The last write has failed: nothing new is taken that would have to be stored. */
  #refusing = false;
  #heldMessages = 0;
  #heldBytes = 0;
  /** Who has something in the last part of the limit of all mailboxes. */
  readonly #reserve = new Reserve();
  /** What of it is in memory: in the head or the late part of a mailbox. */
  #memoryBytes = 0;

  constructor(settings: ShardSettings, edges: MailroomEdges) {
    this.#settings = settings;
    this.#edges = edges;
    if (edges.store === undefined) return;
    this.#tails = new TailReader(edges.store, settings.headBytes, {
      ...edges,
      read: (bytes) => {
        this.#memoryBytes += bytes;
      },
      damaged: (name, count, bytes) => {
        if (count > 0) edges.missing(name, count);
        this.#release(count, bytes);
      },
    });
    this.#journal = new Journal(edges.store, {
      seal: () => this.#seal(),
      wrote: () => {
        this.#refusing = false;
        this.#storeLeaving();
        this.#journal?.submit();
        edges.answered();
      },
      failed: (error) => {
        this.#refusing = true;
        edges.failed(error);
        edges.answered();
      },
    });
  }

  get heldMessages(): number {
    return this.#heldMessages;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** True when everything that must be in the store is there. */
  get idle(): boolean {
    return this.#journal === undefined || (this.#journal.idle && this.#touched.size === 0 && this.#leaving.size === 0);
  }

  /** Whether the store has not answered everything it was asked. */
  get storing(): boolean {
    return this.#tails?.reading === true || !this.idle;
  }

  /** Whether the disk is too far behind to be sent more. It is not when it refuses: then nothing new is gathered. */
  get behind(): boolean {
    return (this.#journal?.pendingBytes ?? 0) > JOURNAL_HIGH_WATER_BYTES && !this.#refusing;
  }

  /** Begins to write what was gathered: once a turn. */
  submit(): void {
    this.#journal?.submit();
  }

  /** The store can be written again. */
  resume(): void {
    this.#journal?.resume();
  }

  /**
   * The one check of the limits, for what is new. (Mail that comes back, or was stored before, is never refused.)
   * @returns why a message may not wait for `name`, or undefined: then its bytes are taken
   */
  refuses(name: Name, message: MessageRecord): DropReason | undefined {
    const { mailbox } = name;
    const length = message.frameLength;
    const count = (mailbox?.count ?? 0) + 1;
    const bytes = (mailbox?.bytes ?? 0) + length;
    if (count > this.#settings.mailboxMaxMessages) return 'mailbox has too many messages';
    if (bytes > this.#settings.mailboxMaxBytes) return 'mailbox has too many bytes';
    const reserved = this.#ofReserve(count, bytes);
    if (reserved !== undefined && mailbox?.reserve?.refuses(senderOf(message)) === true) return reserved;
    if (this.#refusing && this.#mustBeStored(name, length)) return 'the store cannot be written';
    if (!this.#takes(length, message)) return 'all mailboxes have too many bytes';
    if (reserved !== undefined) reserveOf(mailboxOf(name)).add(senderOf(message));
    else if (mailbox !== undefined) mailbox.reserve = undefined;
    return undefined;
  }

  /** The limit of whose last part a mailbox has some when it has so much. */
  #ofReserve(count: number, bytes: number): DropReason | undefined {
    const { mailboxMaxMessages, mailboxMaxBytes, reservePercent } = this.#settings;
    if (count > withoutReserve(mailboxMaxMessages, reservePercent)) return 'mailbox has too many messages';
    return bytes > withoutReserve(mailboxMaxBytes, reservePercent) ? 'mailbox has too many bytes' : undefined;
  }

  /** Takes `length` bytes of what all mailboxes may have. */
  #takes(length: number, message: MessageRecord): boolean {
    const { budget } = this.#edges;
    if (!budget.take(length)) return false;
    if (!budget.inReserve) {
      this.#reserve.clear();
      return true;
    }
    const sender = senderOf(message);
    if (this.#reserve.refuses(sender)) {
      budget.give(length);
      return false;
    }
    this.#reserve.add(sender);
    return true;
  }

  /** Lets a message wait that was not refused, as the newest of its name. */
  add(name: Name, message: MessageRecord): void {
    const mailbox = mailboxOf(name);
    const length = message.frameLength;
    const now = this.#edges.now();
    const number = name.nextNumber++;
    const { frameAt, bodyOffset } = message;
    const { bytes } = message.memory;
    this.#heldMessages++;
    this.#heldBytes += length;
    if (this.#fitsHead(mailbox, length, name)) {
      mailbox.head.push(bytes, frameAt, length, bodyOffset, now, number);
      this.#memoryBytes += length;
    } else if (name.holder !== undefined) {
      mailbox.late.push(bytes, frameAt, length, bodyOffset, now, number);
      this.#memoryBytes += length;
      if (!this.#mayWaitInMemory(name.holder, mailbox.late.bytes, 0)) this.#spill(name, mailbox);
    } else {
      this.#storeFrame(name, mailbox, number, bytes.subarray(frameAt, frameAt + length), now, bodyOffset);
      this.#journal?.mustSync();
    }
    this.#journal?.cut();
  }

  /** Calls `then` when what was added is held: at once where there is no store. */
  whenHeld(then: () => void): void {
    if (this.#journal === undefined) then();
    else this.#journal.whenWritten(then);
  }

  /** Mail comes back to the front. It is never refused. */
  putBack(name: Name, runs: readonly Frames[], count: number, bytes: number): void {
    mailboxOf(name).head.unshift(runs, this.#edges.now());
    this.#memoryBytes += bytes;
    this.#takeAnyway(count, bytes);
  }

  /**
   * Mail comes back that a shard before this one handed out. Here nobody has been given anything yet, so it can take
   * the place that its numbers say, in the store. What of it is there already is left out.
   */
  putBackBefore(name: Name, runs: readonly Frames[]): void {
    const mailbox = mailboxOf(name);
    this.#storeMemory(name, mailbox);
    const before = this.#handedBefore.get(nameKey(name.bytes));
    mailbox.committedTo = 0;
    mailbox.order++;
    for (const run of runs) {
      forEachFrame(run, (at, length, header) => {
        const number = widen(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
        if (before?.has(number)) return;
        name.nextNumber = Math.max(name.nextNumber, number + 1);
        const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0 || this.#edges.now();
        const frame = run.bytes.subarray(at, at + length);
        const body = run.headers[header + FRAME_BODY] as number;
        this.#journal?.put(messageKey(name.bytes, number), messageValue(frame, heldAt, body));
        mailbox.insert(number, length, heldAt);
        this.#takeAnyway(1, length);
      });
    }
    this.#journal?.mustSync();
    this.touch(name);
    this.#dropIfEmpty(name, mailbox);
  }

  /** `count` frames of the head went to the peer's writer. */
  handedOut(count: number, bytes: number): void {
    this.#memoryBytes -= bytes;
    this.#release(count, bytes);
  }

  /** All up to the frame with this number (modulo 2^32) is written to the peer: the store need not have it. */
  written(name: Name, lastNumber: number): void {
    const { mailbox } = name;
    if (mailbox?.stored !== true) return;
    const last = widen(lastNumber, name.nextNumber);
    if (last >= name.nextNumber) return; // no word of ours: there is no such frame yet
    this.#remove(name, mailbox, Math.min(last + 1, this.#firstWaiting(name, mailbox)));
    this.#dropIfEmpty(name, mailbox);
  }

  /** The number of the first that waits in the head or the store: from there on nothing is written to anybody. */
  #firstWaiting(name: Name, mailbox: Mailbox): number {
    const head = mailbox.head.firstWord(FRAME_NUMBER);
    if (head !== undefined) return widen(head, name.nextNumber);
    return mailbox.tailCount > 0 ? mailbox.tailFrom : name.nextNumber;
  }

  /** Sees to it that the front of the mail is in memory, or will be: then `ready` is called. */
  refill(name: Name): void {
    const { mailbox } = name;
    if (mailbox === undefined || mailbox.reading || mailbox.head.bytes >= this.#settings.headBytes / 2) return;
    if (mailbox.tailCount > 0) {
      if (mailbox.committedTo > mailbox.tailFrom) this.#readFront(name, mailbox);
      // What is not committed cannot be read; `ready` comes when it is. On a full disk that may take for ever.
      else if (this.#refusing) this.#takeUnwritten(name, mailbox);
    } else if (mailbox.late.count > 0) {
      if (mailbox.head.count === 0) {
        const { head } = mailbox;
        mailbox.head = mailbox.late;
        mailbox.late = head;
      } else mailbox.head.pushRun(mailbox.late.takeRun(Number.POSITIVE_INFINITY));
    } else this.#dropIfEmpty(name, mailbox);
  }

  /** While memory is short, little is read at a time, and only where nothing is there. */
  #readFront(name: Name, mailbox: Mailbox): void {
    if (this.#memoryBytes < this.#settings.fullMemoryBytes) this.#tails?.fill(name, mailbox);
    else if (mailbox.head.count === 0) this.#tails?.fill(name, mailbox, SCARCE_READ_BYTES);
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
    if (name.mailbox === undefined || this.#journal === undefined) return;
    this.#leaving.add(name);
    this.#storeLeaving();
  }

  /** Many peers can leave at once, and each may leave its whole window: that is copied a group at a time. */
  #storeLeaving(): void {
    for (const name of this.#leaving) {
      if ((this.#journal?.pendingBytes ?? 0) > GROUP_BYTES) return;
      this.#leaving.delete(name);
      if (name.holder === undefined && name.mailbox !== undefined) this.#storeLeft(name, name.mailbox);
      this.#journal?.cut();
    }
  }

  #storeLeft(name: Name, mailbox: Mailbox): void {
    this.#storeMemory(name, mailbox);
    // What was stored for want of memory was not synced for that; from now on it is held.
    if (mailbox.tailCount > 0) this.#journal?.mustSync();
    this.#remove(name, mailbox, mailbox.tailCount > 0 ? mailbox.tailFrom : name.nextNumber);
    this.touch(name);
    this.#dropIfEmpty(name, mailbox);
  }

  /** What is in memory goes to the store, so that all of the mailbox is tail. */
  #storeMemory(name: Name, mailbox: Mailbox): void {
    this.#spill(name, mailbox);
    const { head } = mailbox;
    const first = head.firstWord(FRAME_NUMBER);
    if (first !== undefined) {
      const tail = { count: mailbox.tailCount, bytes: mailbox.tailBytes, to: mailbox.tailTo };
      mailbox.forgetTail();
      mailbox.committedTo = 0;
      mailbox.order++;
      this.#storeQueue(name, mailbox, head);
      mailbox.tailCount += tail.count;
      mailbox.tailBytes += tail.bytes;
      if (tail.count > 0) mailbox.tailTo = tail.to;
    }
  }

  /** Drops what was held before `oldest`. */
  expire(name: Name, oldest: number): void {
    const { mailbox } = name;
    if (mailbox === undefined) return;
    const old = mailbox.head.expire(oldest);
    if (old.count > 0) {
      this.#memoryBytes -= old.bytes;
      this.#dropOld(old.count, old.bytes);
      if (mailbox.stored) this.#remove(name, mailbox, widen(old.number, name.nextNumber) + 1);
    }
    const late = mailbox.late.expire(oldest);
    if (late.count > 0) {
      this.#memoryBytes -= late.bytes;
      this.#dropOld(late.count, late.bytes);
    }
    const tailIsOld = mailbox.tailCount > 0 && mailbox.oldest < oldest && name.holder === undefined;
    if (tailIsOld && mailbox.committedTo > mailbox.tailFrom) {
      this.#dropOldTail(name, mailbox, oldest);
    }
    this.#dropIfEmpty(name, mailbox);
  }

  /** Drops all mail of the name, and what the store knows of it. @returns the messages that were dropped */
  forget(name: Name): number {
    const { mailbox } = name;
    const count = mailbox?.count ?? 0;
    if (mailbox !== undefined) {
      this.#memoryBytes -= mailbox.head.bytes + mailbox.late.bytes;
      this.#release(count, mailbox.bytes);
      this.#remove(name, mailbox, name.nextNumber);
      name.mailbox = undefined;
    }
    this.#touched.delete(name);
    this.#leaving.delete(name);
    this.#handedBefore.delete(nameKey(name.bytes));
    if (name.indexed) this.#journal?.del(indexKey(name.bytes));
    name.indexed = false;
    return count;
  }

  /** What the store knows of the name is to be written again. */
  touch(name: Name): void {
    const known = name.remembered || name.mailbox?.stored === true;
    if (this.#journal !== undefined && known) this.#touched.add(name);
  }

  /** What was found in the store counts, whatever the limits. */
  recovered(name: Name, { record, tailFrom, written, handedBefore }: Recovered): void {
    name.mailbox = Mailbox.recovered(record, tailFrom);
    if (this.#heldMessages === 0) {
      // A shard or a broker that crashed may not have synced what it wrote last: a group that is covers all before it.
      this.touch(name);
      this.#journal?.mustSync();
    }
    this.#remove(name, name.mailbox, written + 1);
    if (handedBefore.length > 0) this.#handedBefore.set(nameKey(name.bytes), new Set(handedBefore));
    this.#takeAnyway(record.count, record.bytes);
  }

  #mustBeStored(name: Name, length: number): boolean {
    if (this.#journal === undefined) return false;
    if (name.holder === undefined) return true;
    return !this.#mayWaitInMemory(name.holder, (name.mailbox?.late.bytes ?? 0) + length, length);
  }

  #fitsHead(mailbox: Mailbox, length: number, name: Name): boolean {
    if (this.#journal === undefined) return true;
    if (name.holder === undefined || mailbox.tailCount > 0 || mailbox.late.count > 0) return false;
    return this.#mayWaitInMemory(name.holder, mailbox.head.bytes + length, length);
  }

  /**
   * Whether mail for a peer that is there may wait in memory, in a part of its mailbox that has then `partBytes`, with
   * `moreBytes` that are not counted yet. A peer that has read much may be given more of what the shard has: a burst
   * that its window cannot take would go to disk and come back, at a tenth of the speed, and as long as it lasts more
   * would.
   */
  #mayWaitInMemory(holder: Attachment, partBytes: number, moreBytes: number): boolean {
    const { headBytes, firstWindowBytes, memoryBytes, fullMemoryBytes } = this.#settings;
    if (this.#memoryBytes + moreBytes > fullMemoryBytes) return false;
    if (partBytes <= headBytes) return true;
    if (holder.windowBytes <= firstWindowBytes || partBytes > holder.windowBytes * ROOMY_WINDOWS) return false;
    return this.#memoryBytes + moreBytes <= memoryBytes;
  }

  /** Stores one frame behind the tail. */
  #storeFrame(name: Name, mailbox: Mailbox, number: number, frame: Uint8Array, heldAt: number, body: number): void {
    this.#journal?.put(messageKey(name.bytes, number), messageValue(frame, heldAt, body));
    mailbox.addToTail(number, frame.length, heldAt);
    this.touch(name);
  }

  /** What is late goes to the store, behind the tail. */
  #spill(name: Name, mailbox: Mailbox): void {
    if (this.#journal !== undefined && mailbox.late.count > 0) this.#storeQueue(name, mailbox, mailbox.late);
  }

  #storeQueue(name: Name, mailbox: Mailbox, queue: FrameQueue): void {
    const run = queue.takeRun(Number.POSITIVE_INFINITY);
    this.#memoryBytes -= run.bytes.length;
    forEachFrame(run, (at, length, header) => {
      const number = widen(run.headers[header + FRAME_NUMBER] as number, name.nextNumber);
      const heldAt = (run.headers[header + FRAME_HELD_AT] as number) >>> 0;
      const body = run.headers[header + FRAME_BODY] as number;
      this.#storeFrame(name, mailbox, number, run.bytes.subarray(at, at + length), heldAt, body);
    });
  }

  /** Deletes from the store what has a number below `before`. */
  #remove(name: Name, mailbox: Mailbox, before: number): void {
    const to = Math.min(before, mailbox.storedTo);
    if (to <= mailbox.storedFrom) return;
    for (let number = mailbox.storedFrom; number < to; number++) this.#journal?.del(messageKey(name.bytes, number));
    mailbox.storedFrom = to;
    this.touch(name);
  }

  /** Counts mail that may not be refused. */
  #takeAnyway(count: number, bytes: number): void {
    this.#edges.budget.force(bytes);
    this.#heldMessages += count;
    this.#heldBytes += bytes;
  }

  #release(count: number, bytes: number): void {
    this.#edges.budget.give(bytes);
    this.#heldMessages -= count;
    this.#heldBytes -= bytes;
  }

  #dropOld(count: number, bytes: number): void {
    this.#edges.dropped('too old', count);
    this.#release(count, bytes);
  }

  #dropIfEmpty(name: Name, mailbox: Mailbox): void {
    if (name.mailbox !== mailbox || mailbox.count > 0 || mailbox.stored) return;
    name.mailbox = undefined;
    this.#edges.emptied(name);
  }

  /** The disk takes nothing, and a peer is there: what was to be written goes to it from memory. */
  #takeUnwritten(name: Name, mailbox: Mailbox): void {
    const range = messageRange(name.bytes, mailbox.tailFrom, mailbox.tailTo);
    this.#tails?.fillWith(name, mailbox, this.#journal?.unwritten(range) ?? []);
  }

  /** Drops the front of the tail as far as it was held before `oldest`. */
  #dropOldTail(name: Name, mailbox: Mailbox, oldest: number): void {
    this.#tails?.read(name, mailbox, (messages) => {
      const kept = messages.findIndex(({ heldAt }) => heldAt >= oldest);
      const old = kept < 0 ? messages : messages.slice(0, kept);
      const last = old[old.length - 1];
      if (last !== undefined) {
        const bytes = old.reduce((sum, { frame }) => sum + frame.length, 0);
        mailbox.takeFromTail(old.length, bytes, last.number);
        this.#dropOld(old.length, bytes);
        this.#remove(name, mailbox, last.number + 1);
      }
      const first = messages[kept];
      if (first !== undefined) mailbox.oldest = first.heldAt;
      this.#dropIfEmpty(name, mailbox);
    });
  }

  /** Puts the index records of all names that were touched into the group, and notes what of their mail it commits. */
  #seal(): void {
    if (this.#touched.size === 0) return;
    const committed: Committed[] = [];
    for (const name of this.#touched) {
      const { mailbox } = name;
      const next = name.nextNumber;
      const stored = mailbox?.stored === true;
      const record = {
        present: name.holder !== undefined || name.unsettled !== undefined || mailbox?.inexact === true,
        next,
        from: stored ? mailbox.storedFrom : next,
        to: stored ? mailbox.storedTo : next,
        count: mailbox?.tailCount ?? 0,
        bytes: mailbox?.tailBytes ?? 0,
        awaySince: name.awaySince,
        oldest: mailbox?.oldest ?? 0,
      };
      this.#journal?.put(indexKey(name.bytes), indexValue(record));
      name.indexed = true;
      if (mailbox !== undefined && mailbox.tailCount > 0) {
        committed.push({ name, mailbox, to: mailbox.tailTo, order: mailbox.order });
      }
    }
    this.#touched.clear();
    if (committed.length > 0) this.#journal?.whenWritten(() => this.#committed(committed));
  }

  #committed(all: readonly Committed[]): void {
    for (const { name, mailbox, to, order } of all) {
      if (mailbox.order !== order) continue;
      mailbox.committedTo = Math.max(mailbox.committedTo, to);
      if (name.mailbox === mailbox && name.holder !== undefined) this.#edges.ready(name);
    }
  }
}

function reserveOf(mailbox: Mailbox): Reserve {
  mailbox.reserve ??= new Reserve();
  return mailbox.reserve;
}

function mailboxOf(name: Name): Mailbox {
  name.mailbox ??= new Mailbox();
  return name.mailbox;
}
