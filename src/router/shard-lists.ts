/**
 * The way of a set of destinations that messages go to again and again: the record of its names for each shard, ready
 * to be put. In one batch it is put once, and any number of messages refer to it.
 */
import { BatchBuilder } from '../shared/wire/batch.ts';
import { countOf, putList, repeatList } from '../shared/wire/message.ts';
import type { Names } from './destination-set.ts';

/** The names of a set that belong to one shard. */
export interface ShardList {
  readonly shard: number;
  /** The words of its record, as they stand in a batch, and how many names they are. */
  readonly record: Int32Array;
  readonly names: number;
  /** The last batch for the shard that it was put in, and its number there. */
  batch: number;
  number: number;
}

const scratch = new BatchBuilder();

/** The names by shard, without the shards to which none belongs. */
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

/** @returns the number of the list in a batch, in which it is put if it was not yet */
export function listIn(batch: BatchBuilder, list: ShardList): number {
  if (list.batch !== batch.serial) {
    list.number = repeatList(batch, list.record);
    list.batch = batch.serial;
  }
  return list.number;
}
