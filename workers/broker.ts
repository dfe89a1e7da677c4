/**
 * The entry of a shard's thread. Only wiring: the data port to a Shard and back, the control port to Comlink. The task
 * resolves when the shard has drained, and rejects when it has crashed.
 */
import { type PostedValue, posted, received } from '../src/channel/batch.ts';
import { type CrashSite, exposeControl, type ShardStats } from '../src/channel/control.ts';
import type { ShardTask } from '../src/channel/shard-task.ts';
import { SharedBudget } from './budget.ts';
import { Shard } from './shard.ts';

const TICK_MS = 1_000;

export default function runShard(task: ShardTask): Promise<ShardStats> {
  const { data, control, settings } = task;
  return new Promise((resolve, reject) => {
    const shard = new Shard(settings, {
      budget: new SharedBudget(task.held, task.shard, task.heldMaxBytes),
      now: () => Math.floor(Date.now() / 1000),
      post: (post) => data.postMessage(...posted(post)),
    });
    let mustThrow: CrashSite | undefined;
    let flushing = false;

    const end = (finish: () => void) => {
      // The main thread closes both ports: it may still be posting, and a post to a closed port can abort the process
      // (nodejs/node#56362).
      clearInterval(timer);
      data.off('message', receive);
      finish();
    };
    const guarded = (step: () => void) => () => {
      try {
        step();
      } catch (error) {
        end(() => reject(error));
      }
    };
    // All posts of one turn of the loop are worked off before one batch answers them.
    const flush = guarded(() => {
      flushing = false;
      shard.postOut();
      if (shard.drained) end(() => resolve(shard.stats()));
    });
    const receive = (value: PostedValue) =>
      guarded(() => {
        if (mustThrow === 'shard') throw new Error('told to throw');
        if (mustThrow === 'thread') process.nextTick(() => Promise.reject(new Error('told to throw')));
        shard.receive(received(value));
        if (flushing) return;
        flushing = true;
        setImmediate(flush);
      })();
    const timer = setInterval(
      guarded(() => shard.tick()),
      TICK_MS,
    );

    exposeControl(
      {
        stats: () => shard.stats(),
        throwAtNextBatch: (site) => {
          mustThrow = site;
        },
      },
      control,
    );
    data.on('message', receive);
  });
}
