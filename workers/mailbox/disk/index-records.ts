/**
 * The index records, one for each name. They tell a shard how much mail there is, without reading it. A name is touched
 * when its record is out of date. At the end of each group, the records of all touched names are added to it.
 *
 * What must be true:
 * 1. When a group is written, the record of each name whose mail it changes says what the store has of that name.
 * 2. Mail counts as committed only when its group is written (I17).
 */
import { NEVER } from '../../../src/shared/wire/frames/message-head.ts';
import { indexKey, indexValue } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Mailbox } from '../mailbox.ts';
import type { FreshMail } from './fresh-mail.ts';
import type { GroupCommit } from './group-commit.ts';

/**
 * The mail of a mailbox that a group commits: the messages with a number below `to`, if the order has not changed
 * since.
 */
interface Committed {
  readonly name: Name;
  readonly mailbox: Mailbox;
  readonly to: number;
  readonly order: number;
}

export class IndexRecords {
  readonly #groups: GroupCommit;
  readonly #fresh: FreshMail;
  readonly #ready: (name: Name) => void;
  readonly #touched = new Set<Name>();

  /** @param ready is called when mail of a name with a holder has become readable */
  constructor(groups: GroupCommit, fresh: FreshMail, ready: (name: Name) => void) {
    this.#groups = groups;
    this.#fresh = fresh;
    this.#ready = ready;
  }

  get idle(): boolean {
    return this.#touched.size === 0;
  }

  /** The record of the name is out of date. It is written again, if the store is to know the name at all. */
  touch(name: Name): void {
    if (name.remembered || name.mailbox?.stored.hasRecords === true) this.#touched.add(name);
  }

  /** Deletes the record of a name that is forgotten. */
  remove(name: Name): void {
    this.#touched.delete(name);
    if (name.storedNumber !== 0) this.#groups.del(indexKey(name.bytes));
    name.storedNumber = 0;
  }

  /** Adds the records of all touched names to the group, and commits their mail when the group is written. */
  seal(): void {
    if (this.#touched.size === 0) return;
    const committed: Committed[] = [];
    for (const name of this.#touched) {
      this.#groups.put(indexKey(name.bytes), recordOf(name));
      name.storedNumber = name.nextNumber;
      const { mailbox } = name;
      if (mailbox === undefined || mailbox.stored.count === 0) continue;
      committed.push({ name, mailbox, to: mailbox.stored.to, order: mailbox.stored.order });
    }
    this.#touched.clear();
    if (committed.length > 0) this.#groups.whenWritten(() => this.#noteCommitted(committed));
  }

  #noteCommitted(all: readonly Committed[]): void {
    for (const { name, mailbox, to, order } of all) {
      const isInOrder = mailbox.stored.commit(to, order);
      if (isInOrder && name.mailbox === mailbox && name.holder !== undefined) this.#ready(name);
      this.#fresh.forget(mailbox, to);
    }
  }
}

/** The index record of a name in its current state. */
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
    firstExpiry: name.mailbox?.firstExpiry ?? NEVER,
  });
}
