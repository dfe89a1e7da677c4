/** Maps a name to its shard. */
import { shardOfName } from '../shared/common/name-hash.ts';

/** The shard of every name. It must not change while a broker runs. */
export interface Placement {
  /** The number of shards. */
  readonly count: number;
  /** @returns the shard of the name at [start, end) of `bytes`, from 0 to `count` - 1 */
  placeOf(bytes: Uint8Array, start: number, end: number): number;
}

/** Maps a name by its hash and by nothing else, so that a shard finds the same (workers/shard/thread.ts). */
export class HashPlacement implements Placement {
  readonly count: number;

  constructor(count: number) {
    this.count = count;
  }

  placeOf(bytes: Uint8Array, start: number, end: number): number {
    return shardOfName(bytes, this.count, start, end);
  }
}
