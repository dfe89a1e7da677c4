/**
 * Deletes mail from the store when it has been written to its peer, or was dropped.
 *
 * What must be true (I14): a stored message is deleted only when it is written to its peer, or dropped and counted.
 */
import { widen } from '../../../src/shared/common/serial-arithmetic.ts';
import { messageKey } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Mailbox } from '../mailbox.ts';
import type { GroupCommit } from './group-commit.ts';
import type { IndexRecords } from './index-records.ts';

export interface RemovalEdges {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
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

  /** Deletes the record of one message, if there is one. Those before it stay. @param low its number, modulo 2^32 */
  deleteOne(name: Name, low: number): void {
    const stored = name.mailbox?.stored;
    const number = widen(low, name.nextNumber);
    if (stored === undefined || number < stored.recordsFrom || number >= stored.recordsTo) return;
    this.#edges.groups.del(messageKey(name.bytes, number));
    this.#edges.index.touch(name);
  }

  /** No message waits in the store. Deletes what records there may be, but for those in the hands of a writer. */
  deleteRest(name: Name, mailbox: Mailbox): void {
    mailbox.stored.forgetBytes();
    if (name.holder !== undefined || name.unsettled !== undefined) return;
    this.deleteBefore(name, mailbox, mailbox.firstWaiting(name.nextNumber));
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
