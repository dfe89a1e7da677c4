/** The lists of a batch, as a shard keeps them while it works the batch off. */
import { expect, it } from 'vitest';
import { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import { type ListRecord, putList } from '../../../src/shared/wire/message.ts';
import { readToShard } from '../../../src/shared/wire/to-shard.ts';
import { NameTable } from '../../../workers/names/name-table.ts';
import { ListCache } from '../../../workers/shard/list-cache.ts';
import { lineOf } from '../../helpers/unit/lines.ts';

/** Takes in a list of one name, `count` times that name. */
function add(lists: ListCache, name: string, count: number): void {
  const batch = new BatchBuilder();
  const bytes = Buffer.from(name);
  const all = (value: number) => new Int32Array(count).fill(value);
  putList(batch, 0, lineOf(bytes), {
    count,
    starts: all(0),
    ends: all(bytes.length),
    shards: all(0),
  });
  const post = batch.take() ?? { batch: new ArrayBuffer(0), moved: [] };
  const other = () => undefined;
  const rest = {
    attach: other,
    message: other,
    written: other,
    return: other,
    whoIs: other,
    rejected: other,
    flush: other,
    drain: other,
    begin: other,
  };
  expect(readToShard(post, { ...rest, list: (list: ListRecord) => lists.add(list) })).toBe(true);
}

it.each([1, 2, 70_000])('%i names are there until the batch is worked off, and nothing of them after', (count) => {
  const table = new NameTable(() => 1, 1);
  const bob = table.findOrAdd(Buffer.from('bob'));
  const lists = new ListCache(table);
  add(lists, 'bob', count);
  expect([lists.first(0), lists.end(0)]).toEqual([0, count]);
  expect([lists.name(0, 0), lists.name(0, count - 1)]).toEqual([bob, bob]);
  expect(Buffer.from(lists.bytes(count - 1)).toString()).toBe('bob');
  lists.clear();
  add(lists, 'eve', 1);
  expect([lists.first(0), lists.end(0), lists.name(0, 0)]).toEqual([0, 1, undefined]);
});
