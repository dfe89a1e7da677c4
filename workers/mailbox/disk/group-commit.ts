/**
 * Group commit. What must go to the store is gathered while the group before is being written; one group at a time is
 * under way, so they are made in order, and nothing waits for the disk but what depends on it. A group that has become
 * large is closed, and the next one is begun behind it.
 *
 * What must be true: a group is forgotten only when it is written. One that fails is kept and nothing is written behind
 * it, until `resume`; then it is written again, which does no harm where it was written in part or whole.
 */
import type { Entry, KeyRange, StoreOp } from '../../../src/store/format.ts';
import type { Store } from '../store.ts';

/** What a group is counted to cost in memory for each of its records, beside their bytes: three objects. */
const OP_BYTES = 256;
/** A group is closed when it is larger: LevelDB copies a group whole, and what waits for it waits for all of it. */
export const GROUP_BYTES = 2 * 1024 * 1024;
/** Past this the shard no longer says that it has worked off what it is sent, until the disk has caught up. */
const HIGH_WATER_BYTES = 2 * GROUP_BYTES;

interface Group {
  readonly ops: StoreOp[];
  bytes: number;
  /** Whether a peer is told, once it is written, that its mail is held. */
  sync: boolean;
  readonly written: (() => void)[];
}

export interface GroupCommitEdges {
  /** Puts what belongs into every group at its end, just before it is written. */
  readonly seal: () => void;
  /** A group has been written, and what waited for it was called. */
  readonly wrote: () => void;
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

  /** Whether the disk is too far behind to be sent more. It is not when it refuses: then nothing new is gathered. */
  get behind(): boolean {
    return this.pendingBytes > HIGH_WATER_BYTES && !this.#failing;
  }

  get idle(): boolean {
    return this.#underWay === undefined && this.#closed.length === 0 && this.#gathering.ops.length === 0;
  }

  /** What is put in this range and not written yet, in the order it was put. */
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

  /** The group at hand must be on disk before it counts as written. */
  mustSync(): void {
    this.#gathering.sync = true;
  }

  /** Calls `then` when all that was put so far is written. */
  whenWritten(then: () => void): void {
    const last = this.#groups().findLast(({ ops }) => ops.length > 0);
    if (last === undefined) then();
    else last.written.push(then);
  }

  /** Closes the group at hand if it is large. To be called where what is in it makes sense without what follows. */
  cut(): void {
    if (this.#gathering.bytes <= GROUP_BYTES) return;
    this.#close();
    this.submit();
  }

  /** Begins to write what was gathered, unless a group is under way. */
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

  /** What is not written, in the order it was put. */
  #groups(): Group[] {
    const underWay = this.#underWay === undefined ? [] : [this.#underWay];
    return [...underWay, ...this.#closed, this.#gathering];
  }

  /** The store is there again: the group that failed is written once more. */
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
