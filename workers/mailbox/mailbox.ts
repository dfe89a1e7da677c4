/**
 * The mail of one name that waits. In the order of its numbers it is in three places:
 *
 *     front (memory)  |  stored (the store)  |  back (memory)
 *
 * A peer is fed from the front. While nobody is attached, all mail is in the store.
 *
 * What must be true: all numbers at the front are lower than those in the store, and these than those at the back. So
 * mail is taken from the back only when none waits in the store.
 */
import { widen } from '../../src/shared/common/serial-arithmetic.ts';
import { FrameQueue } from '../../src/shared/wire/frame-queue.ts';
import { FRAME_NUMBER } from '../../src/shared/wire/frames.ts';
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

  /** What the peer is fed from. */
  get front(): FrameQueue {
    return this.#front;
  }

  /** What came for a peer that is here when the front was full: it is not stored if there is room for it soon. */
  get back(): FrameQueue {
    return this.#back;
  }

  /** Messages that wait. */
  get count(): number {
    return this.#front.count + this.stored.count + this.#back.count;
  }

  /** The bytes of those messages. */
  get bytes(): number {
    return this.#front.bytes + this.stored.bytes + this.#back.bytes;
  }

  /**
   * The number of the first message at the front or in the store. No record with a lower number waits for the peer.
   * @param nextNumber the next number of the name, which is returned if nothing waits there
   */
  firstWaiting(nextNumber: number): number {
    const first = this.#front.firstWord(FRAME_NUMBER);
    if (first !== undefined) return widen(first, nextNumber);
    return this.stored.count > 0 ? this.stored.from : nextNumber;
  }

  /** Moves the back behind the front; nothing is left in the store between them. */
  moveBackToFront(): void {
    if (this.#front.count > 0) {
      this.#front.pushRun(this.#back.takeRun(Number.POSITIVE_INFINITY));
      return;
    }
    const front = this.#front;
    this.#front = this.#back;
    this.#back = front;
  }

  /** Who has something in the last part of its limits; undefined while that is not in use. */
  get reserve(): Reserve | undefined {
    return this.#reserve;
  }

  /** The last part of its limits is in use, by `sender` too. */
  addToReserve(sender: string): void {
    this.#reserve ??= new Reserve();
    this.#reserve.add(sender);
  }

  /** The last part of its limits is not in use. */
  leaveReserve(): void {
    this.#reserve = undefined;
  }
}

/** The mailbox of a name, which is given one if it has none. */
export function mailboxOf(name: Name): Mailbox {
  name.mailbox ??= new Mailbox();
  return name.mailbox;
}
