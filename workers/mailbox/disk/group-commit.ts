/**
 * Group commit: operations for the store are gathered in a group. A group is written as one, and synced once if any
 * mail in it is to be called held. While one group is written, the next is gathered. A large group is closed, and
 * another one begins behind it.
 *
 * What must be true:
 * 1. Groups are written one at a time, in the order in which they were gathered (I15).
 * 2. The callbacks of a group (`whenWritten`) are called only when it is written, and synced if it must be (I13).
 * 3. A group is dropped only when it is written. A group that fails is kept, and nothing is written behind it until
 *    `resume`. Then it is written again. That does no harm if the first write was made after all (I15).
 */
import type { Entry, KeyRange, StoreOp } from '../../../src/store/format.ts';
import type { Store } from '../store.ts';

/** The estimated memory of an operation beside its bytes: it is three objects. */
const OP_BYTES = 256;
/** A larger group is closed, because LevelDB copies a group whole, and a callback waits for the whole of its group. */
export const GROUP_BYTES = 2 * 1024 * 1024;
/** While more than this is unwritten, the shard acknowledges no bytes, and senders are slowed down (back-pressure). */
const HIGH_WATER_BYTES = 2 * GROUP_BYTES;

interface Group {
  readonly ops: StoreOp[];
  bytes: number;
  /** Whether it must be on disk before it counts as written. */
  sync: boolean;
  readonly written: (() => void)[];
}

export interface GroupCommitEdges {
  /** Adds the last operations of a group, just before it is closed. */
  readonly seal: () => void;
  /** A group is written, and its callbacks have been called. */
  readonly wrote: () => void;
  /** A group could not be written. Nothing is written until `resume`. */
  readonly failed: (error: Error) => void;
}

export class GroupCommit {
  readonly #store: Store;
  readonly #edges: GroupCommitEdges;
  #gathering: Group = newGroup();
  /** Closed groups that wait for the one under way, oldest first. */
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

  /** Whether the last write has failed. Then no new mail is accepted that would have to be stored. */
  get failing(): boolean {
    return this.#failing;
  }

  /** Whether too much waits for the disk. Not while writes fail: mail that would have to be stored is refused then. */
  get behind(): boolean {
    return this.pendingBytes > HIGH_WATER_BYTES && !this.#failing;
  }

  /** Whether all that was put is written. */
  get idle(): boolean {
    return this.#underWay === undefined && this.#closed.length === 0 && this.#gathering.ops.length === 0;
  }

  /** The entries in this range that are put and not written yet, in the order in which they were put last. */
  unwritten(range: KeyRange): readonly Entry[] {
    const found = new Map<string, Entry>();
    for (const { ops } of this.#groups()) {
      for (const op of ops) {
        if (Buffer.compare(op.key, range.from) < 0 || Buffer.compare(op.key, range.to) >= 0) continue;
        const key = Buffer.from(op.key).toString('latin1');
        found.delete(key);
        if (op.type === 'put') found.set(key, [op.key, op.value]);
      }
    }
    return [...found.values()];
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#gathering.ops.push({ type: 'put', key, value });
    this.#gathering.bytes += OP_BYTES + key.length + value.length;
  }

  del(key: Uint8Array): void {
    this.#gathering.ops.push({ type: 'del', key });
    this.#gathering.bytes += OP_BYTES + key.length;
  }

  /** The group being gathered must be on disk before it counts as written. */
  mustSync(): void {
    this.#gathering.sync = true;
  }

  /** Calls `then` when everything put so far is written, at once if it is already. */
  whenWritten(then: () => void): void {
    const last = this.#groups().findLast(({ ops }) => ops.length > 0);
    if (last === undefined) then();
    else last.written.push(then);
  }

  /** Closes the group if it is large. To be called only at a point where the group is consistent by itself. */
  closeIfLarge(): void {
    if (this.#gathering.bytes <= GROUP_BYTES) return;
    this.#close();
    this.submit();
  }

  /** Starts a write of what was gathered, unless a group is under way or has failed. */
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

  /** All groups that are not written, oldest first. */
  #groups(): Group[] {
    const underWay = this.#underWay === undefined ? [] : [this.#underWay];
    return [...underWay, ...this.#closed, this.#gathering];
  }

  /** The store can be written again: the group that failed is written first. */
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
