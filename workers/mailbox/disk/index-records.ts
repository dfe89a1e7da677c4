/**
 * The index records: one for each name, from which a shard knows how much mail there is without reading it. A name is
 * touched when its record is not right any more. At the end of each group the records of touched names are put into it.
 *
 * What must be true:
 * 1. When a group is written, the record of each name whose mail it changes says what the store has of it.
 * 2. Mail counts as committed only when the group that it is in is written.
 */
import { indexKey, indexValue } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Mailbox } from '../mailbox.ts';
import type { GroupCommit } from './group-commit.ts';

/** The mail of a mailbox that a group commits: what has a number below `to`, as long as its order is this one. */
interface Committed {
  readonly name: Name;
  readonly mailbox: Mailbox;
  readonly to: number;
  readonly order: number;
}

export class IndexRecords {
  readonly #groups: GroupCommit;
  readonly #ready: (name: Name) => void;
  readonly #touched = new Set<Name>();

  /** @param ready is called when mail of a name that has a holder can be read */
  constructor(groups: GroupCommit, ready: (name: Name) => void) {
    this.#groups = groups;
    this.#ready = ready;
  }

  /** Whether no name is touched. */
  get idle(): boolean {
    return this.#touched.size === 0;
  }

  /** The record of the name is to be written again, if the store is to know the name at all. */
  touch(name: Name): void {
    if (name.remembered || name.mailbox?.stored.hasRecords === true) this.#touched.add(name);
  }

  /** The name is forgotten: its record is deleted. */
  remove(name: Name): void {
    this.#touched.delete(name);
    if (name.indexed) this.#groups.del(indexKey(name.bytes));
    name.indexed = false;
  }

  /** Puts the records of all touched names into the group at hand, and notes what of their mail that commits. */
  seal(): void {
    if (this.#touched.size === 0) return;
    const committed: Committed[] = [];
    for (const name of this.#touched) {
      this.#groups.put(indexKey(name.bytes), recordOf(name));
      name.indexed = true;
      const { mailbox } = name;
      if (mailbox === undefined || mailbox.stored.count === 0) continue;
      committed.push({ name, mailbox, to: mailbox.stored.to, order: mailbox.stored.order });
    }
    this.#touched.clear();
    if (committed.length > 0) this.#groups.whenWritten(() => this.#noteCommitted(committed));
  }

  #noteCommitted(all: readonly Committed[]): void {
    for (const { name, mailbox, to, order } of all) {
      if (!mailbox.stored.commit(to, order)) continue;
      if (name.mailbox === mailbox && name.holder !== undefined) this.#ready(name);
    }
  }
}

/** The value of a name's index record, as the name is now. */
function recordOf(name: Name): Uint8Array {
  const next = name.nextNumber;
  const stored = name.mailbox?.stored;
  const has = stored?.hasRecords === true;
  return indexValue({
    present: name.holder !== undefined || name.unsettled !== undefined || stored?.inexact === true,
    next,
    from: has ? stored.recordsFrom : next,
    to: has ? stored.recordsTo : next,
    count: stored?.count ?? 0,
    bytes: stored?.bytes ?? 0,
    awaySince: name.awaySince,
    oldest: stored?.oldest ?? 0,
  });
}
