/**
 * The stored mail of a shard: builds and connects the parts that write, read and delete it. Without a store there is no
 * `Disk`, and all mail waits in memory.
 */
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import { messageRange } from '../../../src/store/format.ts';
import type { Name } from '../../names/name.ts';
import type { Limits } from '../limits/limits.ts';
import type { MemoryShare } from '../limits/memory-share.ts';
import type { Mailbox } from '../mailbox.ts';
import type { Store } from '../store.ts';
import { FreshMail } from './fresh-mail.ts';
import { GroupCommit } from './group-commit.ts';
import { IndexRecords } from './index-records.ts';
import { Removal } from './removal.ts';
import { Spill } from './spill.ts';
import { StoredReader } from './stored-reader.ts';
import { Takeover } from './takeover.ts';
import { Unclaimed } from './unclaimed.ts';

/** One read takes about so much while memory is short. */
const SCARCE_READ_BYTES = 8 * 1024;

export interface DiskEdges {
  /** Seconds since 1970. */
  readonly now: () => number;
  /** More mail of a name can be delivered, or read from the store. */
  readonly ready: (name: Name) => void;
  /** The store has answered. There may be something to post, though no post was received. */
  readonly answered: () => void;
  /** A write has failed. Nothing is written until `GroupCommit.resume`. */
  readonly failed: (error: Error) => void;
  /** So many messages of a name are counted, but are missing or damaged in the store. */
  readonly missing: (name: Name, count: number) => void;
  /** Mail could not be read. It stays where it is, and is read again later. */
  readonly unreadable: (error: Error) => void;
  /** The mailbox may be empty now. */
  readonly left: (name: Name, mailbox: Mailbox) => void;
}

export class Disk {
  readonly groups: GroupCommit;
  readonly index: IndexRecords;
  readonly removal: Removal;
  readonly spill: Spill;
  readonly takeover: Takeover;
  readonly unclaimed: Unclaimed;
  readonly reader: StoredReader;
  readonly #memory: MemoryShare;
  readonly #fresh = new FreshMail();
  readonly #frontBytes: number;

  constructor(store: Store, settings: ShardSettings, limits: Limits, memory: MemoryShare, edges: DiskEdges) {
    this.#memory = memory;
    this.#frontBytes = settings.frontBytes;
    this.groups = new GroupCommit(store, {
      seal: () => this.index.seal(),
      wrote: () => this.#wrote(edges),
      failed: (error) => {
        edges.failed(error);
        edges.answered();
      },
    });
    this.reader = new StoredReader(store, settings.frontBytes, {
      ...edges,
      wasDropped: (mailbox, number) => this.removal.wasDropped(mailbox, number),
      readOver: (mailbox) => this.removal.readOver(mailbox),
      read: (bytes) => memory.add(bytes),
      damaged: (name, count, bytes) => {
        if (count > 0) edges.missing(name, count);
        limits.release(count, bytes);
      },
    });
    this.index = new IndexRecords(this.groups, this.#fresh, edges.ready);
    const parts = { groups: this.groups, fresh: this.#fresh, index: this.index, reader: this.reader, limits, memory };
    this.removal = new Removal({ ...parts, ...edges });
    this.spill = new Spill({ ...parts, removal: this.removal, ...edges });
    this.unclaimed = new Unclaimed(this.removal);
    const { removal, spill, unclaimed } = this;
    this.takeover = new Takeover({ ...parts, removal, spill, unclaimed, ...edges });
  }

  #wrote({ answered }: DiskEdges): void {
    this.spill.storeLeaving();
    this.groups.submit();
    answered();
  }

  get idle(): boolean {
    return this.groups.idle && this.index.idle && this.spill.idle;
  }

  get reading(): boolean {
    return this.reader.reading;
  }

  /**
   * Moves the first messages that wait in the store to the front of the mailbox: now, or later with a call of `ready`.
   */
  refill(name: Name, mailbox: Mailbox): void {
    const { stored, front } = mailbox;
    if (stored.readable) {
      const fresh = this.#memory.full ? [] : this.#fresh.take(mailbox, this.#frontBytes);
      if (fresh.length > 0) this.reader.putToFront(mailbox, fresh);
      // While memory is short, little is read at a time, and only into an empty front.
      else if (!this.#memory.full) this.reader.readToFront(name, mailbox);
      else if (front.count === 0) this.reader.readToFront(name, mailbox, SCARCE_READ_BYTES);
    } else if (this.groups.failing) {
      // Mail that is not committed cannot be read, and on a full disk it may never be committed. But its group is still
      // in memory.
      const unwritten = this.groups.unwritten(messageRange(name.bytes, stored.from, stored.to));
      this.reader.moveToFront(name, mailbox, unwritten);
    }
  }

  /** Deletes all records of a name that is forgotten. */
  forget(name: Name): void {
    if (name.mailbox !== undefined) {
      this.removal.deleteBefore(name, name.mailbox, name.nextNumber);
      this.#fresh.drop(name.mailbox);
    }
    this.spill.forget(name);
    this.takeover.forget(name);
    this.unclaimed.forget(name);
    this.index.remove(name);
  }
}
