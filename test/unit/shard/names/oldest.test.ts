/** The oldest entry of a Map, whatever is deleted and added meanwhile. */
import { expect, it } from 'vitest';
import { Oldest } from '../../../../workers/names/oldest.ts';

it('is found in the order of insertion, and again until it is deleted', () => {
  const map = new Map<string, number>();
  const oldest = new Oldest(map);
  expect(oldest.find()).toBeUndefined();
  map.set('a', 1).set('b', 2).set('c', 3);
  expect([oldest.find(), oldest.find()]).toEqual([
    ['a', 1],
    ['a', 1],
  ]);
  map.delete('a');
  map.delete('b');
  expect(oldest.find()).toEqual(['c', 3]);
  map.delete('c');
  expect(oldest.find()).toBeUndefined();
  map.set('d', 4);
  expect(oldest.find()).toEqual(['d', 4]);
});

it('is not one that was added again', () => {
  const map = new Map([
    ['a', 1],
    ['b', 2],
  ]);
  const oldest = new Oldest(map);
  expect(oldest.find()).toEqual(['a', 1]);
  map.delete('a');
  map.set('a', 3);
  expect(oldest.find()).toEqual(['b', 2]);
  map.delete('b');
  expect(oldest.find()).toEqual(['a', 3]);
});

it('is found without a new start, however many were deleted before', () => {
  let starts = 0;
  class CountedMap extends Map<number, number> {
    override entries(): MapIterator<[number, number]> {
      starts++;
      return super.entries();
    }
  }
  const map = new CountedMap();
  const oldest = new Oldest(map);
  for (let i = 0; i < 1_000; i++) {
    map.set(i, i);
    if (map.size > 100) map.delete(oldest.find()?.[0] ?? -1);
  }
  expect([oldest.find(), starts]).toEqual([[900, 900], 1]);
});
