/**
 * One name's mail. Its front waits in memory, and so does, while a peer is there to be fed, the newest of it; what is
 * between the two lies in the store. In the order of their numbers:
 *
 *     head (memory)  |  tail (store)  |  late (memory)
 *
 * While nobody is attached there is only a tail.
 */
import { FrameQueue } from '../../src/shared/wire/frame-queue.ts';
import type { IndexRecord } from '../../src/store/format.ts';
import type { Reserve } from './limits/reserve.ts';

export class Mailbox {
  head = new FrameQueue();
  /** What came while there was a tail and a peer to feed: it never sees the store if the tail is read first. */
  late = new FrameQueue();
  /** The tail's numbers are from `tailFrom` to before `tailTo`. */
  tailFrom = 0;
  tailTo = 0;
  tailCount = 0;
  tailBytes = 0;
  /** When the first of the tail was held, in seconds; never later than that. */
  oldest = 0;
  /** All of the tail that has a number below this is committed, and can be read. */
  committedTo = 0;
  /** Rises when mail is stored before what is stored: what a group has committed from then on says nothing of that. */
  order = 0;
  /**
   * All numbers that the store may have, those in a writer's hands included: from `storedFrom` to before `storedTo`.
   */
  storedFrom = 0;
  storedTo = 0;
  /** Who has something in the last part of its limits, while that is in use. */
  reserve: Reserve | undefined;
  /** Whether the store has been asked for its front and has not answered: it is not asked again meanwhile. */
  reading = false;
  /** Whether something of the tail was damaged or not there: what its size is counted to be is too much then. */
  doubtful = false;

  /** The mailbox of a name that was found in the store: all of it from `tailFrom` on is tail. */
  static recovered({ from, to, count, bytes, oldest }: IndexRecord, tailFrom: number): Mailbox {
    const mailbox = new Mailbox();
    mailbox.storedFrom = from;
    mailbox.tailFrom = tailFrom;
    mailbox.tailTo = mailbox.storedTo = mailbox.committedTo = to;
    mailbox.tailCount = count;
    mailbox.tailBytes = bytes;
    mailbox.oldest = oldest;
    return mailbox;
  }

  get count(): number {
    return this.head.count + this.tailCount + this.late.count;
  }

  get bytes(): number {
    return this.head.bytes + this.tailBytes + this.late.bytes;
  }

  /** Whether the store has, or may have, anything of this name. */
  get stored(): boolean {
    return this.storedFrom < this.storedTo;
  }

  /**
   * Whether the store has not just what is counted as the tail: it has what is in a writer's hands, too, wherever that
   * writer is known, or what has been read into memory; or it has less.
   */
  get inexact(): boolean {
    return this.stored && (this.doubtful || this.tailCount === 0 || this.storedFrom < this.tailFrom);
  }

  /** Notes that the frame of this number is stored, behind all of the tail. */
  addToTail(number: number, bytes: number, heldAt: number): void {
    if (this.tailCount === 0) {
      this.tailFrom = number;
      this.oldest = heldAt;
    }
    this.tailTo = number + 1;
    this.tailCount++;
    this.tailBytes += bytes;
    this.#noteStored(number);
  }

  /** Notes that the frame of this number is stored, in its place in the tail. */
  insert(number: number, bytes: number, heldAt: number): void {
    const empty = this.tailCount === 0;
    this.tailFrom = empty ? number : Math.min(this.tailFrom, number);
    this.tailTo = empty ? number + 1 : Math.max(this.tailTo, number + 1);
    this.oldest = empty ? heldAt : Math.min(this.oldest, heldAt);
    this.tailCount++;
    this.tailBytes += bytes;
    this.#noteStored(number);
  }

  /** Notes that the frame of this number is stored. */
  #noteStored(number: number): void {
    if (!this.stored) {
      this.storedFrom = number;
      this.storedTo = number + 1;
    } else {
      this.storedFrom = Math.min(this.storedFrom, number);
      this.storedTo = Math.max(this.storedTo, number + 1);
    }
  }

  /** The first `count` frames of the tail, the last of them with `number`, are in the tail no more. */
  takeFromTail(count: number, bytes: number, number: number): void {
    this.tailFrom = Math.max(this.tailFrom, number + 1);
    this.tailCount -= count;
    this.tailBytes -= bytes;
  }

  /** One of the tail is no message; where its key says its number, it is not come upon again. */
  skipInTail(number: number | undefined): void {
    this.tailCount--;
    this.doubtful = true;
    if (number !== undefined) this.tailFrom = Math.max(this.tailFrom, number + 1);
  }

  /** Sees to it that no more messages are counted than there are numbers for. @returns how many that are too many */
  trimTail(): number {
    const tooMany = Math.max(0, this.tailCount - Math.max(0, this.tailTo - this.tailFrom));
    this.tailCount -= tooMany;
    if (tooMany > 0) this.doubtful = true;
    return tooMany;
  }

  /** The tail is empty, whatever was counted. @returns what was counted and is not there */
  forgetTail(): { count: number; bytes: number } {
    const missing = { count: this.tailCount, bytes: this.tailBytes };
    this.tailCount = 0;
    this.tailBytes = 0;
    this.tailFrom = this.tailTo;
    return missing;
  }
}
