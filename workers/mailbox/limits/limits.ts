/**
 * The limits of mailboxes: the only check of new mail, and the counts of all mail that waits.
 *
 * What must be true after every call:
 * 1. The counts are of the mail that waits, in memory and in the store. Mail in a writer's hands is not counted (I21).
 * 2. Only new mail is refused. Mail that a writer returns, or that was stored before, is counted beyond any limit
 *    (I22).
 * 3. A refused message is counted nowhere.
 */
import type { DropReason } from '../../../src/shared/codes/drops.ts';
import type { MessageRecord } from '../../../src/shared/wire/message.ts';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { Name } from '../../names/name.ts';
import { mailboxOf } from '../mailbox.ts';
import type { Budget } from './budget.ts';
import { Reserve, senderOf, withoutReserve } from './reserve.ts';

export class Limits {
  readonly #settings: ShardSettings;
  readonly #budget: Budget;
  readonly #unstorable: (name: Name, message: MessageRecord) => boolean;
  /** The senders with a message in the reserve of the limit of all mailboxes. */
  readonly #reserve = new Reserve();
  #heldMessages = 0;
  #heldBytes = 0;

  /** @param unstorable whether a message could wait only in the store, and the store cannot be written */
  constructor(settings: ShardSettings, budget: Budget, unstorable: (name: Name, message: MessageRecord) => boolean) {
    this.#settings = settings;
    this.#budget = budget;
    this.#unstorable = unstorable;
  }

  /** The messages that wait for all names of the shard. */
  get heldMessages(): number {
    return this.#heldMessages;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** @returns why a new message may not wait for `name`; undefined if it may, and then it is counted */
  refuses(name: Name, message: MessageRecord): DropReason | undefined {
    const { mailbox } = name;
    const length = message.frameLength;
    const count = (mailbox?.count ?? 0) + 1;
    const bytes = (mailbox?.bytes ?? 0) + length;
    if (count > this.#settings.mailboxMaxMessages) return 'MAILBOX_MESSAGES';
    if (bytes > this.#settings.mailboxMaxBytes) return 'MAILBOX_BYTES';
    const reserved = this.#ofReserve(count, bytes);
    if (reserved !== undefined && mailbox?.reserve?.refuses(senderOf(message)) === true) return reserved;
    if (this.#unstorable(name, message)) return 'STORE_UNWRITABLE';
    if (!this.#takes(length, message)) return 'HELD_BYTES';
    if (reserved !== undefined) mailboxOf(name).addToReserve(senderOf(message));
    else mailbox?.leaveReserve();
    this.#heldMessages++;
    this.#heldBytes += length;
    return undefined;
  }

  /** The limit whose reserve a mailbox of this size reaches into; undefined if none. */
  #ofReserve(count: number, bytes: number): DropReason | undefined {
    const { mailboxMaxMessages, mailboxMaxBytes, reservePercent } = this.#settings;
    if (count > withoutReserve(mailboxMaxMessages, reservePercent)) return 'MAILBOX_MESSAGES';
    return bytes > withoutReserve(mailboxMaxBytes, reservePercent) ? 'MAILBOX_BYTES' : undefined;
  }

  /** Takes `length` bytes of the limit of all mailboxes. @returns false if there is no room, or none for this sender */
  #takes(length: number, message: MessageRecord): boolean {
    if (!this.#budget.take(length)) return false;
    if (!this.#budget.inReserve) {
      this.#reserve.clear();
      return true;
    }
    const sender = senderOf(message);
    if (this.#reserve.refuses(sender)) {
      this.#budget.give(length);
      return false;
    }
    this.#reserve.add(sender);
    return true;
  }

  /** Counts mail that may not be refused. */
  force(count: number, bytes: number): void {
    this.#budget.force(bytes);
    this.#heldMessages += count;
    this.#heldBytes += bytes;
  }

  /** Stops counting mail that was handed to a writer, was dropped, or is missing. */
  release(count: number, bytes: number): void {
    this.#budget.give(bytes);
    this.#heldMessages -= count;
    this.#heldBytes -= bytes;
  }
}
