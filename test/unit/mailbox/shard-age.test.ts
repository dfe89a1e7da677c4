/** Mail that becomes too old while its name is unsettled. */
import { expect, it } from 'vitest';
import { NO_PROGRESS, ShardBench } from '../../helpers/unit/shard/bench.ts';

it('mail that is too old leaves the store, though its name waits for what its last holder never returns', () => {
  const bench = new ShardBench({ holdSeconds: 100, memoryBytes: 0 });
  bench.attach(1, 'bob', false, { ...NO_PROGRESS, handedFrames: 1, handedBytes: 1 }).returned(1, 'bob', [], true);
  bench.message(9, 'bob', 'one').attach(2, 'bob').work();
  expect([bench.stats.heldMessages, bench.store.keys('m').length]).toEqual([1, 1]);
  bench.pass(101);
  expect(bench.stats).toMatchObject({ heldMessages: 0, dropped: { TOO_OLD: 1 } });
  expect(bench.store.keys('m')).toEqual([]);
});
