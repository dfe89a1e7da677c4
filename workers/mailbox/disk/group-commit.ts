/**
 * Group commit: what goes to the store is gathered in a group, which is written as one, and synced once if any mail in
 * it is to be called held. While one group is written, the next is gathered. A group that has become large is closed,
 * and another is begun behind it.
 *
 * What must be true:
 * 1. Groups are written one at a time, in the order in which they were gathered.
 * 2. What waits for a group (`whenWritten`) is called only when that group is written, and synced if it must be.
 * 3. A group is forgotten only when it is written. One that fails is kept, and nothing is written behind it until
 *    `resume`. Then it is written again, which does no harm if it was written already.
 */
import type { Entry, KeyRange, StoreOp } from '../../../src/store/format.ts';
import type { Store } from '../store.ts';

/** What each record of a group is taken to cost in memory, beside its bytes: it is three objects. */
const OP_BYTES = 256;
/** A larger group is closed: LevelDB copies a group whole, and what waits for a part of it waits for all of it. */
export const GROUP_BYTES = 2 * 1024 * 1024;
/** When more waits to be written, the shard does not say that it has worked off what it is sent. */
const HIGH_WATER_BYTES = 2 * GROUP_BYTES;

interface Group {
  readonly ops: StoreOp[];
  bytes: number;
  /** Whether it must be on disk before it counts as written. */
  sync: boolean;
  readonly written: (() => void)[];
}

export interface GroupCommitEdges {
  /** Puts into a group what belongs at its end, just before it is closed. */
  readonly seal: () => void;
  /** A group is written, and what waited for it has been called. */
  readonly wrote: () => void;
  /** A group could not be written: nothing is written until `resume`. */
  readonly failed: (error: Error) => void;
}

export class GroupCommit {
  readonly #store: Store;
  readonly #edges: GroupCommitEdges;
  #gathering: Group = newGroup();
  /** Groups that are closed and wait for the one under way, oldest first. */
  readonly #closed: Group[] = [];
  #closedBytes = 0;
  #underWay: Group | undefined;
  /** True from a write that failed until `resume`. */
  #stuck = false;
  /** True from a write that failed until one has succeeded. */
  #failing = false;

  constructor(store: Store, edges: GroupCommitEdges) {
    this.#store = store;
    this.#edges = edges;
  }

  /** Bytes that are not written yet. */
  get pendingBytes(): number {
    return this.#gathering.bytes + this.#closedBytes + (this.#underWay?.bytes ?? 0);
  }

  /** Whether the last write has failed: nothing new may be taken then that would have to be stored. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Whether too much waits for the disk. It does not while writes fail: then little new is gathered. */
  get behind(): boolean {
    return this.pendingBytes > HIGH_WATER_BYTES && !this.#failing;
  }

  /** Whether all that was put is written. */
  get idle(): boolean {
    return this.#underWay === undefined && this.#closed.length === 0 && this.#gathering.ops.length === 0;
  }

  /** What was put in this range and is not written yet, in the order in which it was put. */
  unwritten(range: KeyRange): readonly Entry[] {
    const found: Entry[] = [];
    for (const { ops } of this.#groups()) {
      for (const op of ops) {
        if (op.type !== 'put') continue;
        if (Buffer.compare(op.key, range.from) < 0 || Buffer.compare(op.key, range.to) >= 0) continue;
        found.push([op.key, op.value]);
      }
    }
    return found;
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#gathering.ops.push({ type: 'put', key, value });
    this.#gathering.bytes += OP_BYTES + key.length + value.length;
  }

  del(key: Uint8Array): void {
    this.#gathering.ops.push({ type: 'del', key });
    this.#gathering.bytes += OP_BYTES + key.length;
  }

  /** The group that is gathered must be on disk before it counts as written. */
  mustSync(): void {
    this.#gathering.sync = true;
  }

  /** Calls `then` when all that was put so far is written: at once if that is so already. */
  whenWritten(then: () => void): void {
    const last = this.#groups().findLast(({ ops }) => ops.length > 0);
    if (last === undefined) then();
    else last.written.push(then);
  }

  /** Closes the group if it is large. To be called only when what is in it is right without what comes next. */
  closeIfLarge(): void {
    if (this.#gathering.bytes <= GROUP_BYTES) return;
    this.#close();
    this.submit();
  }

  /** Begins to write what was gathered, unless a group is under way or has failed. */
  submit(): void {
    if (this.#underWay !== undefined || this.#stuck) return;
    if (this.#closed.length === 0) this.#close();
    this.#underWay = this.#closed.shift();
    if (this.#underWay === undefined) return;
    this.#closedBytes -= this.#underWay.bytes;
    this.#write(this.#underWay);
  }

  #close(): void {
    this.#edges.seal();
    if (this.#gathering.ops.length === 0) return;
    this.#closed.push(this.#gathering);
    this.#closedBytes += this.#gathering.bytes;
    this.#gathering = newGroup();
  }

  /** What is not written, oldest first. */
  #groups(): Group[] {
    const underWay = this.#underWay === undefined ? [] : [this.#underWay];
    return [...underWay, ...this.#closed, this.#gathering];
  }

  /** The store can be written again: so is the group that has failed. */
  resume(): void {
    if (!this.#stuck) return;
    this.#stuck = false;
    if (this.#underWay !== undefined) this.#write(this.#underWay);
  }

  #write(group: Group): void {
    this.#store.write(group.ops, group.sync, (error) => {
      if (error !== undefined) {
        this.#stuck = true;
        this.#failing = true;
        this.#edges.failed(error);
        return;
      }
      this.#underWay = undefined;
      for (const then of group.written) then();
      this.#failing = false;
      this.#edges.wrote();
    });
  }
}

function newGroup(): Group {
  return { ops: [], bytes: 0, sync: false, written: [] };
}
