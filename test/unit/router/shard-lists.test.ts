/** The way of a set that messages go to again and again: by shard, and put once in a batch. */
import { expect, it } from 'vitest';
import { AddressedLine } from '../../../src/protocol/plain/addressed-line.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { listIn, shardLists } from '../../../src/router/shard-lists.ts';
import { BatchBuilder } from '../../../src/shared/wire/batch.ts';
import { lineOf } from '../../helpers/unit/lines.ts';

const SHARDS = 3;
const placement = new HashPlacement(SHARDS);
const shardOf = (name: string) => placement.placeOf(Buffer.from(name), 0, name.length);
const names = Array.from({ length: 20 }, (_, i) => `n${i}`);

function listsOf(to: readonly string[]) {
  const line = new AddressedLine(placement);
  expect(line.split(lineOf(Buffer.from(`${to.join(',')}: x`)))).toBe('split');
  return shardLists(line, SHARDS);
}

it('a set has a list for each shard, and none for a shard that none of its names belongs to', () => {
  const two = names.filter((name) => shardOf(name) !== 1);
  const counts = [0, 2].map((shard) => two.filter((name) => shardOf(name) === shard).length);
  const lists = listsOf(two);
  expect(lists.map(({ shard }) => shard)).toEqual([0, 2]);
  expect(lists.map((list) => list.names)).toEqual(counts);
});

it('a list is put once in a batch, and again in the next', () => {
  const [first, other] = [listsOf(['bob', 'eve'])[0], listsOf(['joe', 'amy'])[0]];
  if (first === undefined || other === undefined) throw new Error('no list');
  const batch = new BatchBuilder();
  expect([listIn(batch, other), listIn(batch, first), listIn(batch, first), listIn(batch, other)]).toEqual([
    0, 1, 1, 0,
  ]);
  const { used } = batch;
  listIn(batch, first);
  expect(batch.used).toBe(used);
  batch.takeOwn();
  expect(listIn(batch, first)).toBe(0);
});
