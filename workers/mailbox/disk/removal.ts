/**
 * Deletes mail from the store when it has been written to its peer, or was dropped.
 *
 * What must be true (I14): a stored message is deleted only when it is written to its peer, or dropped and counted.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import { messageKey, type StoredMessage } from '../../../src/store/format.ts';
import { isFree, type Name } from '../../names/name.ts';
import type { Mailbox } from '../mailbox.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IndexRecords } from './index-records.ts';

export interface RemovalEdges {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

/** Of a message that was dropped: whether its deletion is written. */
interface Mark {
  deleted: boolean;
}

export class Removal {
  readonly #edges: RemovalEdges;
  /**
   * Messages that were dropped while they waited in the store, and whether their deletion is written. A read that began
   * before that finds them still.
   */
  readonly #dropped = new Map<Mailbox, Map<number, Mark>>();

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

  /** Deletes the record of one message, if there is one. Those before it stay. @param low its number, modulo 2^32 */
  deleteOne(name: Name, low: number): void {
    const stored = name.mailbox?.stored;
    const number = widen(low, name.nextNumber);
    if (stored === undefined || number < stored.recordsFrom || number >= stored.recordsTo) return;
    this.#edges.groups.del(messageKey(name.bytes, number));
    this.#edges.index.touch(name);
  }

  /** Drops a message that waits in the store, wherever it is. */
  drop(name: Name, mailbox: Mailbox, { number, frame }: StoredMessage): void {
    const { stored } = mailbox;
    const isFirst = number === stored.from && stored.hasOnlyWaiting;
    stored.remove(number, frame.length);
    this.deleteUnread(name, mailbox, number);
    if (isFirst) stored.noteDeleted(number + 1);
    if (stored.count === 0 && stored.hasOnlyWaiting && isFree(name)) {
      this.deleteBefore(name, mailbox, mailbox.firstWaiting(name.nextNumber));
    }
  }

  /** Drops the first messages that wait in the store. */
  dropFirst(name: Name, mailbox: Mailbox, messages: readonly StoredMessage[]): void {
    const { stored } = mailbox;
    const canDeleteAll = stored.hasOnlyWaiting && isFree(name);
    for (const { number, frame } of messages) {
      stored.take(1, frame.length, number);
      if (!canDeleteAll) this.deleteOne(name, number);
    }
    if (canDeleteAll) this.deleteBefore(name, mailbox, stored.from);
  }

  /** Deletes a message that is in the store among those that wait, and does not wait. */
  deleteUnread(name: Name, mailbox: Mailbox, number: number): void {
    this.deleteOne(name, number);
    const dropped = this.#dropped.get(mailbox) ?? new Map<number, Mark>();
    const mark: Mark = { deleted: false };
    this.#dropped.set(mailbox, dropped.set(number, mark));
    this.#edges.groups.whenWritten(() => {
      if (dropped.get(number) !== mark) return;
      if (mailbox.stored.reading) mark.deleted = true;
      else this.#forgetDropped(mailbox, number);
    });
  }

  /** A message is stored, though one with its number was dropped: a writer has returned it. */
  storedAgain(mailbox: Mailbox, number: number): void {
    if (this.#dropped.size > 0) this.#forgetDropped(mailbox, number);
  }

  /** A read of the mailbox is over. The next one does not find what is deleted by now. */
  readOver(mailbox: Mailbox): void {
    for (const [number, { deleted }] of this.#dropped.get(mailbox) ?? []) {
      if (deleted) this.#forgetDropped(mailbox, number);
    }
  }

  #forgetDropped(mailbox: Mailbox, number: number): void {
    const dropped = this.#dropped.get(mailbox);
    dropped?.delete(number);
    if (dropped?.size === 0) this.#dropped.delete(mailbox);
  }

  /** Whether a message that was read was dropped, and does not wait any more. */
  wasDropped(mailbox: Mailbox, number: number): boolean {
    return this.#dropped.get(mailbox)?.has(number) === true;
  }

  /** Deletes the records with a number below `before`. */
  deleteBefore(name: Name, { stored }: Mailbox, before: number): void {
    const to = Math.min(before, stored.recordsTo);
    if (to <= stored.recordsFrom) return;
    for (const number of stored.recordsBelow(to)) this.#edges.groups.del(messageKey(name.bytes, number));
    stored.noteDeleted(to);
    this.#edges.index.touch(name);
  }
}
