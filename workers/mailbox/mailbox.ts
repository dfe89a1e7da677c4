/**
 * The mail that waits for one name. In the order of its numbers it is in three places:
 *
 *     front (memory)  |  stored (the store)  |  back (memory)
 *
 * Mail is delivered from the front. When the name is away, all its mail goes to the store.
 *
 * What must be true: all numbers at the front are lower than those in the store, and those lower than all at the back.
 * So mail is taken from the back only when none waits in the store.
 */
import { widen } from '../../src/shared/common/serial-arithmetic.ts';
import { FrameQueue } from '../../src/shared/wire/frames/frame-queue.ts';
import { FRAME_HELD_AT, FRAME_NUMBER } from '../../src/shared/wire/frames/frames.ts';
import type { Name } from '../names/name.ts';
import { Reserve } from './limits/reserve.ts';
import { StoredPart } from './stored-part.ts';

export class Mailbox {
  #front = new FrameQueue();
  #back = new FrameQueue();
  #reserve: Reserve | undefined;
  readonly stored: StoredPart;

  constructor(stored = new StoredPart()) {
    this.stored = stored;
  }

  /** The mail that is delivered next. */
  get front(): FrameQueue {
    return this.#front;
  }

  /** Mail for a connected peer that came when the front was full. It stays in memory as long as there is room. */
  get back(): FrameQueue {
    return this.#back;
  }

  get count(): number {
    return this.#front.count + this.stored.count + this.#back.count;
  }

  get bytes(): number {
    return this.#front.bytes + this.stored.bytes + this.#back.bytes;
  }

  /** When its first message was held, in seconds since 1970; undefined if none waits. */
  get oldest(): number | undefined {
    const front = this.#front.firstWord(FRAME_HELD_AT);
    if (front !== undefined) return front >>> 0;
    if (this.stored.count > 0) return this.stored.oldest;
    const back = this.#back.firstWord(FRAME_HELD_AT);
    return back === undefined ? undefined : back >>> 0;
  }

  /** None of its mail expires before this time, in seconds since 1970. */
  get firstExpiry(): number {
    return Math.min(this.#front.firstExpiry, this.stored.firstExpiry, this.#back.firstExpiry);
  }

  /**
   * The number of the first message at the front or in the store. The records with lower numbers do not wait any more.
   * @param nextNumber the next number of the name, which is returned if nothing waits there
   */
  firstWaiting(nextNumber: number): number {
    const first = this.#front.firstWord(FRAME_NUMBER);
    if (first !== undefined) return widen(first, nextNumber);
    return this.stored.count > 0 ? this.stored.from : nextNumber;
  }

  /** Moves the back behind the front. To be called only when no mail waits in the store between the two. */
  moveBackToFront(): void {
    if (this.#front.count > 0) {
      this.#front.pushRun(this.#back.takeRun(Number.POSITIVE_INFINITY));
      return;
    }
    const front = this.#front;
    this.#front = this.#back;
    this.#back = front;
  }

  /** The senders with a message in the reserve of this mailbox; undefined while the reserve is not in use. */
  get reserve(): Reserve | undefined {
    return this.#reserve;
  }

  /** `sender` has a message in the reserve. */
  addToReserve(sender: string): void {
    this.#reserve ??= new Reserve();
    this.#reserve.add(sender);
  }

  /** The reserve is not in use any more. */
  leaveReserve(): void {
    this.#reserve = undefined;
  }
}

/** The mailbox of a name. A name without one gets a new one. */
export function mailboxOf(name: Name): Mailbox {
  name.mailbox ??= new Mailbox();
  return name.mailbox;
}
