/** Mail that waits while the broker crashes: numbers are left out, and nobody asks the store for them. */
import { expect, it } from 'vitest';
import { CRASH_GAP } from '../../../../src/store/numbers.ts';
import { Gaps } from '../../../../workers/mailbox/gaps.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** What is left of a shard that held one message for bob in each of these lives. */
async function lives(ends: readonly ('order' | 'crash')[]): Promise<ShardBench> {
  let bench = new ShardBench().attach(1, 'bob').leave(1).message(9, 'bob', 'first').work();
  for (const [life, end] of ends.entries()) {
    bench = await new ShardBench({}, Number.POSITIVE_INFINITY, bench.store).load([], end === 'crash');
    bench.message(9, 'bob', `after ${life}`).work();
  }
  return bench;
}

it.each([
  [['crash']],
  [['crash', 'crash', 'crash']],
  [['crash', 'order']],
  [['order', 'crash', 'order', 'order', 'crash']],
] as const)('%s: all of it is delivered in order, and only its records are deleted', async (ends) => {
  const bench = await lives(ends);
  const count = 1 + ends.length;
  expect(bench.store.keys('m')).toHaveLength(count);
  const before = bench.store.deletions;
  bench.attach(2, 'bob').write(2).work();
  expect(bench.delivered(2)).toEqual(['first', ...ends.map((_, life) => `after ${life}`)]);
  expect([bench.store.keys('m'), bench.store.deletions - before]).toEqual([[], count]);
});

it('the records behind a gap were deleted before the crash: nobody asks for the numbers in it', async () => {
  const before = await lives(['crash']);
  const last = before.store.keys('m').at(-1) ?? '';
  before.store.apply([{ type: 'del', key: Buffer.from(last, 'hex') }]);
  const bench = await new ShardBench({}, Number.POSITIVE_INFINITY, before.store).load([], true);
  const { deletions } = bench.store;
  bench.attach(2, 'bob').write(2).leave(2).work();
  expect(bench.delivered(2)).toEqual(['first']);
  expect(bench.store.keys('m')).toEqual([]);
  expect(bench.store.deletions - deletions).toBeLessThan(10);
});

it('a record in a gap is found: the life of a shard before this one had given its number', () => {
  const gaps = new Gaps();
  gaps.add(10, 10 + CRASH_GAP);
  gaps.fill(2_000_000);
  gaps.fill(2_000_001);
  expect([10, 2_000_000, 2_000_001, 2_000_002].map((number) => gaps.behind(number))).toEqual([
    2_000_000,
    2_000_000,
    2_000_001,
    10 + CRASH_GAP,
  ]);
  gaps.forgetBelow(10 + CRASH_GAP);
  expect(gaps.behind(10)).toBe(10);
});
