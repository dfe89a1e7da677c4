/**
 * The entry of a shard's thread. Only wiring: the data port to a Shard and back, the control port to Comlink. The task
 * resolves when the shard has drained, and rejects when it has crashed.
 */
import { availableParallelism } from 'node:os';
import { hashName, shardOf } from '../../src/shared/common/name-hash.ts';
import { memoryOf } from '../../src/shared/memory/arena.ts';
import { LentBuffers } from '../../src/shared/memory/buffer-pool.ts';
import { BatchBuilder, type PostedValue, posted, received } from '../../src/shared/wire/batch.ts';
import { type CrashSite, exposeControl, type ShardStats } from '../../src/shared/wire/control.ts';
import type { ShardTask } from '../../src/shared/wire/shard-task.ts';
import { RisingClock } from '../../src/store/clock.ts';
import { WriteFence } from '../../src/store/guard/write-fence.ts';
import { SharedBudget } from '../mailbox/budget.ts';
import { LevelStore } from '../mailbox/store.ts';
import { PostPoll } from './post-poll.ts';
import { Shard } from './shard.ts';

const TICK_MS = 1_000;

export default async function runShard(task: ShardTask): Promise<ShardStats> {
  const fence = new WriteFence(task.writers, 1 + task.shard);
  const store = task.dataDir === undefined ? undefined : await LevelStore.open(task.dataDir, fence);
  try {
    return await runWith(store, task);
  } finally {
    await store?.close();
  }
}

async function runWith(store: LevelStore | undefined, task: ShardTask): Promise<ShardStats> {
  const { data, control, settings } = task;
  let wake = () => {};
  let ended = false;
  const memory = memoryOf(task.arena);
  const clock = new RisingClock(task.clockBase);
  const toShard = new LentBuffers(memory, task.toShard);
  const out = new BatchBuilder(new LentBuffers(memory, task.toMain));
  const shard = new Shard(settings, {
    budget: new SharedBudget(task.held, task.shard, task.heldMaxBytes, settings.reservePercent),
    now: () => clock.now(),
    out,
    post: (post) => {
      if (!ended) data.postMessage(...posted(post));
    },
    wake: () => wake(),
    ...(store === undefined ? {} : { store }),
  });
  await shard.load((name) => shardOf(hashName(name), task.shards) === task.shard, task.handed, task.compare);
  // The main thread needs a core too.
  const poll = availableParallelism() > task.shards ? new PostPoll(data) : undefined;
  return new Promise((resolve, reject) => {
    let mustThrow: CrashSite | undefined;
    let flushing = false;

    const end = (finish: () => void) => {
      // The main thread closes both ports: it may still be posting, and a post to a closed port can abort the process
      // (nodejs/node#56362).
      ended = true;
      out.retire(); // the next life of the shard has its buffers
      clearInterval(timer);
      data.off('message', receive);
      finish();
    };
    const guarded = (step: () => void) => () => {
      if (ended) return;
      try {
        step();
      } catch (error) {
        end(() => reject(error));
      }
    };
    // All posts of one turn of the loop are worked off before they are answered.
    const flush = guarded(() => {
      flushing = false;
      let next: PostedValue | undefined;
      do {
        if (next !== undefined) take(next);
        shard.postOut();
        next = shard.drained ? undefined : poll?.next();
      } while (next !== undefined);
      if (shard.drained) end(() => resolve(shard.stats()));
    });
    const take = (value: PostedValue) => {
      if (mustThrow === 'shard') throw new Error('told to throw');
      if (mustThrow === 'thread') process.nextTick(() => Promise.reject(new Error('told to throw')));
      const post = received(value, toShard);
      poll?.note(post);
      shard.receive(post);
    };
    const receive = (value: PostedValue) =>
      guarded(() => {
        take(value);
        flushLater();
      })();
    const flushLater = () => {
      if (flushing || ended) return;
      flushing = true;
      setImmediate(flush);
    };
    wake = flushLater;
    const timer = setInterval(
      guarded(() => {
        shard.tick();
        flushLater();
      }),
      TICK_MS,
    );

    exposeControl(
      {
        stats: () => shard.stats(),
        throwAtNextBatch: (site) => {
          mustThrow = site;
        },
        suspendStore: async () => store?.suspend(),
        resumeStore: async () => {
          await store?.reopen();
          shard.resume();
        },
      },
      control,
    );
    data.on('message', receive);
  });
}
