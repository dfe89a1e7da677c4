/** Which shard a name belongs to. */
import { hashName, shardOf } from '../shared/common/name-hash.ts';

export interface Placement {
  /** How many shards there are. */
  readonly count: number;
  /** The number of the shard, from 0 to `count` - 1, of the name at [start, end) of `bytes`. */
  placeOf(bytes: Uint8Array, start: number, end: number): number;
}

/** By the hash of a name, and by nothing else: a shard finds the same (workers/shard/thread.ts). */
export class HashPlacement implements Placement {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  placeOf(bytes: Uint8Array, start: number, end: number): number {
    return this.count === 1 ? 0 : shardOf(hashName(bytes, start, end), this.count);
  }
}
