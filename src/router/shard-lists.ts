/**
 * The route of a lasting set of destinations: for each shard the encoded list of its names. A batch gets the list once,
 * and any number of messages in it refer to it.
 */
import { BatchBuilder } from '../shared/wire/batch.ts';
import { countOf, putList, repeatList } from '../shared/wire/message.ts';
import type { Names } from './destination-set.ts';

/** The names of a set that belong to one shard. */
export interface ShardList {
  readonly shard: number;
  /** The words of the list record as they are in a batch, and the number of names in it. */
  readonly record: Int32Array;
  readonly names: number;
  /** The last batch that got the list, by its serial, and the number of the list in that batch. */
  batch: number;
  number: number;
}

const scratch = new BatchBuilder();

/** @returns the lists by shard, without the shards that have no name in the set */
export function shardLists(names: Names, shards: number): readonly ShardList[] {
  const lists: ShardList[] = [];
  for (let shard = 0; shard < shards; shard++) {
    putList(scratch, shard, names.line, names);
    const post = scratch.takeOwn();
    if (post === undefined) continue;
    lists.push({
      shard,
      record: new Int32Array(post.batch),
      names: countOf(names, shard),
      batch: -1,
      number: -1,
    });
  }
  return lists;
}

/** @returns the number of the list in a batch; puts the list there if the batch does not have it yet */
export function listIn(batch: BatchBuilder, list: ShardList): number {
  if (list.batch !== batch.serial) {
    list.number = repeatList(batch, list.record);
    list.batch = batch.serial;
  }
  return list.number;
}
