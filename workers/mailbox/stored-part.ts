/**
 * The stored part of one mailbox: which numbers the store has, known without reading the store. There are two ranges:
 *
 *     recordsFrom           from                      to
 *          |  read before     |  waits in the store    |
 *
 * The messages in [from, to) wait in the store. They are counted, and are read from the first on. Those before `from`
 * were read: they are in memory or in a writer's hands, and their records stay until they are written to the peer.
 *
 * What must be true after every call:
 * 1. Every record that the store may have is in [recordsFrom, recordsTo), so that it can be deleted.
 * 2. Only messages with a number below `committedTo` are read from the store.
 */
import { NEVER } from '../../src/shared/wire/frames/message-head.ts';
import type { IndexRecord } from '../../src/store/format.ts';
import { type Gap, Gaps } from './gaps.ts';

/** The counts of stored mail, kept while other mail is stored before it. */
export interface SetAside {
  readonly to: number;
  readonly count: number;
  readonly bytes: number;
}

export class StoredPart {
  #from = 0;
  #to = 0;
  #count = 0;
  #bytes = 0;
  #oldest = 0;
  #firstExpiry = NEVER;
  /** As `#firstExpiry`, of the messages that were stored since a search began. */
  #newExpiry = NEVER;
  #committedTo = 0;
  #order = 0;
  #recordsFrom = 0;
  #recordsTo = 0;
  /** Whether a record was damaged or missing. Then more may be counted than there is. */
  #doubtful = false;
  #reading = false;
  readonly #gaps = new Gaps();

  /**
   * The stored part that an index record describes. The messages from `waitingFrom` on wait.
   * @param gaps numbers that no record has
   */
  static recovered(
    { from, to, count, bytes, oldest, firstExpiry }: IndexRecord,
    waitingFrom: number,
    gaps: readonly Gap[],
  ): StoredPart {
    const part = new StoredPart();
    part.#recordsFrom = from;
    part.#from = waitingFrom;
    part.#to = part.#recordsTo = part.#committedTo = to;
    part.#count = count;
    part.#bytes = bytes;
    part.#oldest = oldest;
    part.#firstExpiry = firstExpiry;
    for (const gap of gaps) part.#gaps.add(gap.from, gap.to);
    return part;
  }

  /** The number of the first message that waits in the store. */
  get from(): number {
    return this.#from;
  }

  /** One more than the number of the last message that waits in the store. */
  get to(): number {
    return this.#to;
  }

  /** Messages that wait in the store. */
  get count(): number {
    return this.#count;
  }

  /** The bytes of those messages, as far as they are known. */
  get bytes(): number {
    return this.#bytes;
  }

  /** When the first message that waits was held, in seconds since 1970. The true time may be later, never earlier. */
  get oldest(): number {
    return this.#oldest;
  }

  /** No message that waits expires before this time, in seconds since 1970. */
  get firstExpiry(): number {
    return this.#firstExpiry;
  }

  /** All messages with a lower number are committed. */
  get committedTo(): number {
    return this.#committedTo;
  }

  /** Whether the first message that waits can be read from the store. */
  get readable(): boolean {
    return this.#committedTo > this.#from;
  }

  /**
   * A version of the order of the mail. It rises when mail is stored before mail that is stored already: groups and
   * reads that began before do not know of that.
   */
  get order(): number {
    return this.#order;
  }

  /** The first number that the store may have a record of. */
  get recordsFrom(): number {
    return this.#recordsFrom;
  }

  /** One more than the last number that the store may have a record of. */
  get recordsTo(): number {
    return this.#recordsTo;
  }

  /** Whether the store has, or may have, any record of this mailbox. */
  get hasRecords(): boolean {
    return this.#recordsFrom < this.#recordsTo;
  }

  /** Whether no record is of a message that was read, which can be in a writer's hands. */
  get hasOnlyWaiting(): boolean {
    return this.#recordsFrom >= this.#from;
  }

  /**
   * Whether the number of records may differ from the count of messages. It is larger while records stay of messages
   * that were read.
   */
  get inexact(): boolean {
    return this.hasRecords && (this.#doubtful || this.#count === 0 || this.#recordsFrom < this.#from);
  }

  /** Whether a read of the first messages is under way. There is at most one. */
  get reading(): boolean {
    return this.#reading;
  }

  noteRead(isUnderWay: boolean): void {
    this.#reading = isUnderWay;
  }

  /** Adds a message that is stored behind all others. */
  append(number: number, bytes: number, heldAt: number, expiry = NEVER): void {
    if (this.#count === 0) {
      this.#from = number;
      this.#oldest = heldAt;
    }
    this.noteExpiry(expiry);
    this.#to = number + 1;
    this.#count++;
    this.#bytes += bytes;
    this.#noteRecord(number);
  }

  /** Sets all that waits aside, so that the messages appended next are stored before it. `rejoin` must follow. */
  setAside(): SetAside {
    const aside = { to: this.#to, count: this.#count, bytes: this.#bytes };
    this.uncommit();
    this.#count = 0;
    this.#bytes = 0;
    return aside;
  }

  /** Adds what was set aside again, behind the messages appended since. */
  rejoin({ to, count, bytes }: SetAside): void {
    if (count > 0) this.#to = to;
    this.#count += count;
    this.#bytes += bytes;
  }

  /** Adds a message that is stored at the place of its number. `uncommit` must have been called before. */
  insert(number: number, bytes: number, heldAt: number, expiry = NEVER): void {
    const empty = this.#count === 0;
    this.noteExpiry(expiry);
    this.#from = empty ? number : Math.min(this.#from, number);
    this.#to = empty ? number + 1 : Math.max(this.#to, number + 1);
    this.#oldest = empty ? heldAt : Math.min(this.#oldest, heldAt);
    this.#count++;
    this.#bytes += bytes;
    this.#noteRecord(number);
  }

  /** Mail is about to be stored before mail that is stored already. Nothing is read until that is committed. */
  uncommit(): void {
    this.#committedTo = 0;
    this.#order++;
  }

  /**
   * A group is written, and with it all messages below `to`, if `order` has not changed since the group was closed.
   * @returns false if it has: mail was stored before these messages since, and a later group has that mail
   */
  commit(to: number, order: number): boolean {
    if (this.#order !== order) return false;
    this.#committedTo = Math.max(this.#committedTo, to);
    return true;
  }

  #noteRecord(number: number): void {
    this.#gaps.fill(number);
    if (this.hasRecords) {
      this.#gaps.add(this.#recordsTo, number);
      this.#gaps.add(number + 1, this.#recordsFrom);
      this.#recordsFrom = Math.min(this.#recordsFrom, number);
      this.#recordsTo = Math.max(this.#recordsTo, number + 1);
    } else {
      this.#recordsFrom = number;
      this.#recordsTo = number + 1;
    }
  }

  /** The numbers below `to` that records may have, from the first on. */
  *recordsBelow(to: number): Generator<number> {
    const gaps = this.#gaps;
    for (let number = gaps.behind(this.#recordsFrom); number < to; number = gaps.behind(number + 1)) yield number;
  }

  /** The records from `from` to before `to` are deleted, and those before them may stay. */
  noteHole(from: number, to: number): void {
    if (from > this.#recordsFrom) this.#gaps.add(from, to);
  }

  /** The records with numbers below `to` are deleted. */
  noteDeleted(to: number): void {
    this.#recordsFrom = to;
    this.#gaps.forgetBelow(to);
  }

  /**
   * The first `count` messages leave the store's queue: they were read or dropped. `last` is the number of the last
   * one.
   */
  take(count: number, bytes: number, last: number): void {
    this.#from = Math.max(this.#from, last + 1);
    this.#count -= count;
    this.#bytes -= bytes;
  }

  noteOldest(heldAt: number): void {
    this.#oldest = heldAt;
  }

  /** A message that waits expires then, in seconds since 1970. */
  noteExpiry(seconds: number): void {
    if (seconds < this.#firstExpiry) this.#firstExpiry = seconds;
    if (seconds < this.#newExpiry) this.#newExpiry = seconds;
  }

  /** The messages that wait are searched for such that have expired. */
  beginSearch(): void {
    this.#newExpiry = NEVER;
  }

  /** @param soonest when the first of those that stay expires. Messages that were stored meanwhile have told already */
  endSearch(soonest: number): void {
    this.#firstExpiry = Math.min(soonest, this.#newExpiry);
  }

  /** A message that waits, wherever it is, is dropped. */
  remove(number: number, bytes: number): void {
    this.#count--;
    this.#bytes -= bytes;
    if (number === this.#from) this.#from = number + 1;
  }

  /** A record was read that is no valid message. If its key has a number, it is not read again. */
  skip(number: number | undefined): void {
    this.#count--;
    this.#doubtful = true;
    if (number !== undefined) this.#from = Math.max(this.#from, number + 1);
  }

  /** The store has no readable message with a number below `before`, though some are counted. */
  skipTo(before: number): void {
    this.#from = Math.min(before, this.#to);
  }

  /** Lowers the count to the numbers that are left. @returns by how much: so many messages are missing */
  trim(): number {
    const tooMany = Math.max(0, this.#count - Math.max(0, this.#to - this.#from));
    this.#count -= tooMany;
    if (tooMany > 0) this.#doubtful = true;
    return tooMany;
  }

  /** No message is left. @returns the bytes still counted, which belong to messages that were missing */
  forgetBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#from = this.#to;
    return bytes;
  }
}
