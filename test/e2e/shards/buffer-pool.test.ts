/** With real threads: leased buffers are released, also when the shard crashes. */
import { expect, it } from 'vitest';
import { planMemory } from '../../../src/shards/memory-plan.ts';
import type { ShardsHost } from '../../../src/shards/shard-lives.ts';
import { Shards } from '../../../src/shards/shards.ts';
import { readConfig } from '../../../src/shared/common/config.ts';
import { createLog } from '../../../src/shared/common/log/log.ts';
import { isLease } from '../../../src/shared/wire/batch.ts';
import { FRAME_NUMBER } from '../../../src/shared/wire/frames/frames.ts';
import { prefixOf } from '../../../src/shared/wire/message.ts';
import { putAttach } from '../../../src/shared/wire/to-shard.ts';
import { WriteFence } from '../../../src/store/guard/write-fence.ts';
import { LineRouter, lineOf } from '../../helpers/unit/lines.ts';
import { NO_PROGRESS } from '../../helpers/unit/shard/bench.ts';
import { until } from '../../helpers/until.ts';

/** One shard, and a fake peer that gets the mail for bob. */
function scene() {
  const config = readConfig({ SHARDS: '1', HOLD_SECONDS: '0', LOG_LEVEL: 'silent' });
  const plan = planMemory(1);
  const lines = new LineRouter(1, { poolTo: (shard) => plan.shards[shard]?.toShard });
  const { router } = lines;
  let delivered = 0;
  const host: ShardsHost = {
    handler: () => ({
      attached: () => undefined,
      delivered: (number, run) => {
        delivered += run.count;
        router.written(0, number, delivered, written(run.length), run.word(run.count - 1, FRAME_NUMBER));
      },
      settled: () => undefined,
      takenOver: () => undefined,
      event: () => undefined,
      whoIs: () => undefined,
      storeFailed: () => undefined,
      limited: () => undefined,
      expired: () => undefined,
    }),
    reattach: () => ({ handed: [], first: undefined }),
  };
  let bytes = 0;
  const written = (length: number) => {
    bytes += length;
    return bytes;
  };
  const shards = new Shards(config, createLog('silent'), router.outboxes, plan, host, {
    writers: WriteFence.memory(2),
    clockBase: 0,
    compare: false,
  });
  const attach = () => {
    putAttach(router.outbox(0).batch, 1, Buffer.from('bob'), false, NO_PROGRESS);
    router.outbox(0).schedule();
  };
  const send = (count: number, bytes = 1000) => {
    const line = lineOf(Buffer.from(`bob: ${'x'.repeat(bytes)}`));
    for (let i = 0; i < count; i++) lines.route(2, prefixOf(Buffer.from('from eve: ')), line);
  };
  const pools = plan.shards[0];
  const leased = () => [pools?.toShard.leasedCount, pools?.toMain.leasedCount];
  return { shards, router, attach, send, leased, delivered: () => delivered };
}

it.each([
  ['copied', 500],
  ['delivered in place', 2_000],
])('leased buffers are released when their batches are processed, and frames are %s', async (_how, bytes) => {
  const { shards, attach, send, leased, delivered } = scene();
  await shards.ready();
  attach();
  for (let round = 1; round <= 30; round++) {
    send(100, bytes);
    await until(() => delivered() === round * 100, 'the frames to be handed out');
  }
  await shards.flushed();
  await until(() => leased().join() === '0,0', 'the buffers to be released');
  await shards.destroy();
});

it('leased buffers are released when the shard that has them crashes', async () => {
  const { shards, router, attach, send, leased } = scene();
  await shards.ready();
  attach();
  await shards.flushed();
  await shards.control(0)?.throwAtNextBatch('shard');
  send(100);
  const before = shards.flushed();
  await before; // the next life answers
  await until(() => leased().join() === '0,0', 'the buffers to be released');
  send(1);
  const post = router.outbox(0).batch.take();
  expect(post !== undefined && isLease(post) && post.number).toBe(0);
  await shards.destroy();
});
