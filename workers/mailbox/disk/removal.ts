/**
 * Removes mail from the store when it has been written to its peer, and from a mailbox when it is too old.
 *
 * What must be true (I14): a stored message is deleted only when it is written to its peer, or dropped and counted.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import type { FrameQueue } from '../../../src/shared/wire/frames/frame-queue.ts';
import { messageKey, type StoredMessage } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Limits } from '../limits/limits.ts';
import type { MemoryShare } from '../limits/memory-share.ts';
import type { Mailbox } from '../mailbox.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IndexRecords } from './index-records.ts';
import type { StoredReader } from './stored-reader.ts';

export interface RemovalEdges {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
  readonly reader: StoredReader;
  readonly limits: Limits;
  readonly memory: MemoryShare;
  /** So many messages were dropped because they are too old. */
  readonly tooOld: (count: number) => void;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

export class Removal {
  readonly #edges: RemovalEdges;

  constructor(edges: RemovalEdges) {
    this.#edges = edges;
  }

  /** All frames up to this number (modulo 2^32) are written to the peer. Their records are deleted. */
  written(name: Name, lastNumber: number): void {
    const { mailbox } = name;
    if (mailbox?.stored.hasRecords !== true) return;
    const last = widen(lastNumber, name.nextNumber);
    if (last >= name.nextNumber) return; // not true, and ignored: no frame has that number yet
    this.deleteBefore(name, mailbox, Math.min(last + 1, mailbox.firstWaiting(name.nextNumber)));
    this.#edges.left(name, mailbox);
  }

  /** Deletes the record of a message that a peer has rejected, if there is one. @param low its number, modulo 2^32 */
  rejected(name: Name, low: number): void {
    const stored = name.mailbox?.stored;
    const number = widen(low, name.nextNumber);
    if (stored === undefined || number < stored.recordsFrom || number >= stored.recordsTo) return;
    this.#edges.groups.del(messageKey(name.bytes, number));
    this.#edges.index.touch(name);
  }

  /** Deletes the records with a number below `before`. */
  deleteBefore(name: Name, { stored }: Mailbox, before: number): void {
    const to = Math.min(before, stored.recordsTo);
    if (to <= stored.recordsFrom) return;
    for (const number of stored.recordsBelow(to)) this.#edges.groups.del(messageKey(name.bytes, number));
    stored.noteDeleted(to);
    this.#edges.index.touch(name);
  }

  /** Drops mail that was held before `oldest`. The store is searched only while nothing of it is to be delivered. */
  expire(name: Name, mailbox: Mailbox, oldest: number): void {
    const last = this.#expireQueue(mailbox.front, oldest);
    if (last !== undefined) this.deleteBefore(name, mailbox, widen(last, name.nextNumber) + 1);
    this.#expireQueue(mailbox.back, oldest);
    const { stored } = mailbox;
    const isUndelivered = name.holder === undefined || name.unsettled !== undefined;
    const old = stored.count > 0 && stored.oldest < oldest && isUndelivered;
    if (old && stored.readable) {
      this.#edges.reader.read(name, mailbox, (messages) => this.#expireStored(name, mailbox, messages, oldest));
    }
    this.#edges.left(name, mailbox);
  }

  /** @returns the number (modulo 2^32) of the last message that was dropped; undefined if none was */
  #expireQueue(queue: FrameQueue, oldest: number): number | undefined {
    const { count, bytes, number } = queue.expire(oldest);
    if (count === 0) return undefined;
    this.#edges.memory.remove(bytes);
    this.#drop(count, bytes);
    return number;
  }

  /** @param messages the first messages that wait in the store */
  #expireStored(name: Name, mailbox: Mailbox, messages: readonly StoredMessage[], oldest: number): void {
    const kept = messages.findIndex(({ heldAt }) => heldAt >= oldest);
    const old = kept < 0 ? messages : messages.slice(0, kept);
    const last = old[old.length - 1];
    if (last !== undefined) {
      const bytes = old.reduce((sum, { frame }) => sum + frame.length, 0);
      mailbox.stored.take(old.length, bytes, last.number);
      this.#drop(old.length, bytes);
      this.deleteBefore(name, mailbox, last.number + 1);
    }
    const first = messages[kept];
    if (first !== undefined) mailbox.stored.noteOldest(first.heldAt);
    this.#edges.left(name, mailbox);
  }

  #drop(count: number, bytes: number): void {
    this.#edges.tooOld(count);
    this.#edges.limits.release(count, bytes);
  }
}
