/**
 * What of one mailbox is in the store, known by its numbers without a look at the store. There are two ranges of them:
 *
 *     recordsFrom           from                      to
 *          |  read before     |  waits in the store    |
 *
 * What waits is counted, and is read from its beginning. What was read before is in memory or in a writer's hands, and
 * its records stay until it is written to the peer.
 *
 * What must be true after every call:
 * 1. Every record that the store may have is in the range of records, so that it can be deleted.
 * 2. Only what has a number below `committedTo` is read from the store.
 */
import type { IndexRecord } from '../../src/store/format.ts';

/** What waited in the store while other mail was stored before it. */
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
  #committedTo = 0;
  #order = 0;
  #recordsFrom = 0;
  #recordsTo = 0;
  /** Whether something was damaged or missing: more may be counted than there is. */
  #doubtful = false;
  #reading = false;

  /** What an index record says of a name's mail; of that, `waitingFrom` and what follows it waits. */
  static recovered({ from, to, count, bytes, oldest }: IndexRecord, waitingFrom: number): StoredPart {
    const part = new StoredPart();
    part.#recordsFrom = from;
    part.#from = waitingFrom;
    part.#to = part.#recordsTo = part.#committedTo = to;
    part.#count = count;
    part.#bytes = bytes;
    part.#oldest = oldest;
    return part;
  }

  /** The number of the first message that waits. */
  get from(): number {
    return this.#from;
  }

  /** One more than the number of the last message that waits. */
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

  /** When the first message that waits was held, in seconds, or a time before that. */
  get oldest(): number {
    return this.#oldest;
  }

  /** All messages with lower numbers are committed. */
  get committedTo(): number {
    return this.#committedTo;
  }

  /** Whether the first message that waits can be read from the store. */
  get readable(): boolean {
    return this.#committedTo > this.#from;
  }

  /** Rises when mail is stored before what is stored. A group or a read that began before that does not know of it. */
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

  /** Whether there may be more or fewer records than messages are counted: more, as long as some were read. */
  get inexact(): boolean {
    return this.hasRecords && (this.#doubtful || this.#count === 0 || this.#recordsFrom < this.#from);
  }

  /** Whether a read of the first messages is under way: there is one at most. */
  get reading(): boolean {
    return this.#reading;
  }

  beginRead(): void {
    this.#reading = true;
  }

  endRead(): void {
    this.#reading = false;
  }

  /** A message is stored behind all others. */
  append(number: number, bytes: number, heldAt: number): void {
    if (this.#count === 0) {
      this.#from = number;
      this.#oldest = heldAt;
    }
    this.#to = number + 1;
    this.#count++;
    this.#bytes += bytes;
    this.#noteRecords(number, number + 1);
  }

  /** Sets all that waits aside: what is appended from now on is stored before it. `rejoin` must follow. */
  setAside(): SetAside {
    const aside = { to: this.#to, count: this.#count, bytes: this.#bytes };
    this.uncommit();
    this.#count = 0;
    this.#bytes = 0;
    return aside;
  }

  /** What was set aside waits again, behind what was appended since. */
  rejoin({ to, count, bytes }: SetAside): void {
    if (count > 0) this.#to = to;
    this.#count += count;
    this.#bytes += bytes;
  }

  /** A message is stored in the place that its number says; `uncommit` was called before. */
  insert(number: number, bytes: number, heldAt: number): void {
    const empty = this.#count === 0;
    this.#from = empty ? number : Math.min(this.#from, number);
    this.#to = empty ? number + 1 : Math.max(this.#to, number + 1);
    this.#oldest = empty ? heldAt : Math.min(this.#oldest, heldAt);
    this.#count++;
    this.#bytes += bytes;
    this.#noteRecords(number, number + 1);
  }

  /** Mail is about to be stored before what is stored. Until it is committed, nothing is read. */
  uncommit(): void {
    this.#committedTo = 0;
    this.#order++;
  }

  /**
   * A group is written, and so are all messages below `to`, if `order` is what it was when the group was closed.
   * @returns false if it is not: mail was stored before them since, which another group has
   */
  commit(to: number, order: number): boolean {
    if (this.#order !== order) return false;
    this.#committedTo = Math.max(this.#committedTo, to);
    return true;
  }

  #noteRecords(from: number, to: number): void {
    const none = !this.hasRecords;
    this.#recordsFrom = none ? from : Math.min(this.#recordsFrom, from);
    this.#recordsTo = none ? to : Math.max(this.#recordsTo, to);
  }

  /** The records before `to` are deleted. */
  noteDeleted(to: number): void {
    this.#recordsFrom = to;
  }

  /** The first `count` messages do not wait here any more. `last` is the number of the last of them. */
  take(count: number, bytes: number, last: number): void {
    this.#from = Math.max(this.#from, last + 1);
    this.#count -= count;
    this.#bytes -= bytes;
  }

  /** The first message that waits now was held at `heldAt`. */
  noteOldest(heldAt: number): void {
    this.#oldest = heldAt;
  }

  /** A record was read that is no message. If its key has a number, it is not read again. */
  skip(number: number | undefined): void {
    this.#count--;
    this.#doubtful = true;
    if (number !== undefined) this.#from = Math.max(this.#from, number + 1);
  }

  /** The store has no message with a number below `before`, though some are counted. */
  skipTo(before: number): void {
    this.#from = Math.min(before, this.#to);
  }

  /** Counts no more messages than there are numbers for. @returns how many were too many */
  trim(): number {
    const tooMany = Math.max(0, this.#count - Math.max(0, this.#to - this.#from));
    this.#count -= tooMany;
    if (tooMany > 0) this.#doubtful = true;
    return tooMany;
  }

  /** No message is left. @returns the bytes that are still counted: they were of messages that are not there */
  forgetBytes(): number {
    const bytes = this.#bytes;
    this.#bytes = 0;
    this.#from = this.#to;
    return bytes;
  }
}
