/** Reads of the store that nobody wants any more: they go on, so there are few of them, and what they bring is used. */
import { expect, it } from 'vitest';
import { lineOf } from '../../../helpers/unit/frames.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** One write may be under way beside the reads. */
const WRITES = 1;
const MAX_READS = 16;

/** Names that have been here, with mail in the store alone. */
function away(names: readonly string[], bodies: readonly string[]): ShardBench {
  const bench = new ShardBench({ frontBytes: 100 });
  names.forEach((name, i) => {
    bench.attach(i + 1, name).leave(i + 1);
  });
  for (const name of names) bench.message(99, name, ...bodies);
  return bench.work();
}

it('a peer that comes and goes before it is answered asks the store once', () => {
  const bench = away(['bob'], ['one', 'two', 'three']);
  bench.storeAnswers = false;
  for (let number = 10; number < 60; number++) {
    bench.attach(number, 'bob').work().leave(number).work();
    expect(bench.store.waiting).toBeLessThanOrEqual(1 + WRITES);
  }
  bench.attach(60, 'bob').work();
  const { reads } = bench.store;
  bench.answerAll();
  expect(bench.delivered(60)).toEqual(['one', 'two', 'three']);
  // What was asked for the first who came was used for the last.
  expect(reads).toBe(1);
});

it('many who come at once are read for a few at a time, and each gets all of its mail in order', () => {
  const names = Array.from({ length: 100 }, (_, i) => `name${i}`);
  const bodies = Array.from({ length: 5 }, (_, i) => `${i}${lineOf(60)}`);
  const bench = away(names, bodies);
  bench.storeAnswers = false;
  names.forEach((name, i) => {
    bench.attach(200 + i, name).work();
  });
  expect(bench.store.waiting).toBeGreaterThan(1);
  while (bench.store.waiting > 0) {
    expect(bench.store.waiting).toBeLessThanOrEqual(MAX_READS + WRITES);
    bench.store.answer();
    bench.work();
  }
  for (let i = 0; i < names.length; i++) expect(bench.delivered(200 + i)).toEqual(bodies);
});

it('what was read for one who has left is not kept in memory', () => {
  const bench = away(['bob'], ['one', 'two', 'three']);
  bench.storeAnswers = false;
  bench.attach(10, 'bob').work().leave(10).work();
  bench.answerAll();
  expect(bench.stats).toMatchObject({ memoryBytes: 0, heldMessages: 3 });
});

it('those who have waited in vain for a store that cannot be read are asked for again', () => {
  const names = Array.from({ length: 40 }, (_, i) => `name${i}`);
  const bench = away(names, ['one']);
  bench.storeAnswers = false;
  names.forEach((name, i) => {
    bench.attach(200 + i, name).work();
  });
  bench.store.unreadable = 'IO error: /data/000005.ldb: Too many open files';
  bench.answerAll();
  expect(bench.store.waiting).toBe(0);
  bench.store.unreadable = undefined;
  bench.storeAnswers = true;
  bench.pass(1);
  for (let i = 0; i < names.length; i++) expect(bench.delivered(200 + i)).toEqual(['one']);
});
