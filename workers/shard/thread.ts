/**
 * The entry of a shard's thread. It decides nothing. It connects the data port to a `Shard`, and the control port to
 * Comlink. The task resolves when the shard has drained, and rejects when the shard has crashed.
 */
import { getHeapStatistics } from 'node:v8';
import { shardOfName } from '../../src/shared/common/name-hash.ts';
import { memoryOf } from '../../src/shared/memory/arena.ts';
import { BriefWait } from '../../src/shared/memory/brief-wait.ts';
import { BufferPool } from '../../src/shared/memory/buffer-pool.ts';
import { PostRing } from '../../src/shared/memory/post-ring.ts';
import { BatchBuilder, type PostedValue, posted, postWeight, received } from '../../src/shared/wire/batch.ts';
import { type CrashSite, exposeControl, type ShardStats } from '../../src/shared/wire/port/control.ts';
import { DataPort, laneOf } from '../../src/shared/wire/port/data-port.ts';
import { DurationCounts, LoopDelay } from '../../src/shared/wire/port/durations.ts';
import type { ShardTask } from '../../src/shared/wire/port/shard-task.ts';
import { RisingClock } from '../../src/store/clock.ts';
import { WriteFence } from '../../src/store/guard/write-fence.ts';
import { LevelStore } from '../mailbox/disk/level-store.ts';
import { SharedBudget } from '../mailbox/limits/budget.ts';
import { Shard } from './shard.ts';

const TICK_MS = 1_000;
/**
 * How long the thread waits for the next post before it sleeps, and after how much in one turn. Measured with two
 * cores: after larger posts a wait costs more than it gains.
 */
const WAIT_MS = 0.08;
const FEW_BYTES = 512;
/** Frames from this size on are delivered in place. Measured: with 256 bytes, messages of 512 are no faster. */
const IN_PLACE_BYTES = 1024;
/** After so many turns without a break the event loop runs, for timers, the store and the control port. */
const MAX_IN_A_ROW = 64;

export default async function runShard(task: ShardTask): Promise<ShardStats> {
  const fence = new WriteFence(task.writers, 1 + task.shard);
  const store = task.dataDir === undefined ? undefined : await LevelStore.open(task.dataDir, fence);
  try {
    return await new ShardThread(task, store).run();
  } finally {
    await store?.close();
  }
}

/**
 * Drives one shard: with posts from the data port, a timer, the answers of its store, and calls of the control port.
 */
class ShardThread {
  readonly #task: ShardTask;
  readonly #store: LevelStore | undefined;
  readonly #toShard: BufferPool;
  readonly #out: BatchBuilder;
  readonly #shard: Shard;
  readonly #budget: SharedBudget;
  readonly #port: DataPort;
  readonly #wait: BriefWait | undefined;
  /** Its timer is that of the ticks. */
  readonly #loopDelay = new LoopDelay(TICK_MS);
  /** The weight of the posts of this turn. */
  #turnBytes = 0;
  #mustThrow: CrashSite | undefined;
  /** Whether a flush is due. It starts as true, so that nothing is flushed before the store is loaded. */
  #flushing = true;
  #ended = false;
  #timer: NodeJS.Timeout | undefined;
  #resolve: ((stats: ShardStats) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(task: ShardTask, store: LevelStore | undefined) {
    const memory = memoryOf(task.arena);
    const clock = new RisingClock(task.clockBase);
    this.#task = task;
    this.#store = store;
    this.#toShard = new BufferPool(memory, task.toShard);
    this.#out = new BatchBuilder(new BufferPool(memory, task.toMain));
    const rings = { out: new PostRing(memory, task.toMainRing), into: new PostRing(memory, task.toShardRing) };
    this.#port = new DataPort(laneOf(task.data), rings.out, rings.into);
    this.#budget = new SharedBudget(task.held, task.shard, task.heldMaxBytes, task.settings.reservePercent);
    this.#shard = new Shard(task.settings, {
      budget: this.#budget,
      now: () => clock.exactly(),
      inPlace: { arena: memory, leastBytes: IN_PLACE_BYTES },
      out: this.#out,
      post: (post) => {
        if (!this.#ended) this.#port.postMessage(...posted(post));
      },
      wake: () => this.#flushLater(),
      ...(store === undefined ? {} : { store }),
    });
    this.#wait = BriefWait.beside(task.shards, WAIT_MS);
  }

  /** Runs the shard. Resolves when it has drained, rejects when it has crashed. */
  async run(): Promise<ShardStats> {
    const { shard, shards, handed, compare, data } = this.#task;
    await this.#shard.load((name) => shardOfName(name, shards) === shard, handed, compare);
    this.#flushing = false;
    return await new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#timer = setInterval(() => this.#guard(this.#tick), TICK_MS);
      this.#exposeControl();
      data.on('message', this.#receive);
    });
  }

  /** Every step of the shard goes through here: one that throws is the crash of the shard. */
  #guard(step: () => void): void {
    if (this.#ended) return;
    try {
      step();
    } catch (error) {
      this.#end();
      this.#reject?.(error);
    }
  }

  #end(): void {
    // The ports stay open until the main thread closes them. The main thread may still be posting, and a post to a
    // closed port can abort the process (nodejs/node#56362).
    this.#ended = true;
    this.#out.retire(); // the next life of the shard uses the same buffers
    clearInterval(this.#timer);
    this.#task.data.off('message', this.#receive);
  }

  readonly #receive = (message: unknown): void =>
    this.#guard(() => {
      this.#port.arrived(message);
      this.#port.takeAll(this.#take);
      this.#flushLater();
    });

  readonly #take = (value: PostedValue): void => {
    if (this.#mustThrow === 'shard') throw new Error('told to throw');
    if (this.#mustThrow === 'thread') process.nextTick(() => Promise.reject(new Error('told to throw')));
    const post = received(value, this.#toShard);
    this.#turnBytes += postWeight(post);
    this.#shard.receive(post);
  };

  /** Flushes at the end of this turn of the event loop, so that one answer covers all posts of the turn. */
  #flushLater(): void {
    if (this.#flushing || this.#ended) return;
    this.#flushing = true;
    setImmediate(this.#flushNow);
  }

  readonly #flushNow = (): void => this.#guard(this.#flush);

  readonly #flush = (): void => {
    this.#flushing = false;
    let turns = 0;
    do {
      this.#port.takeAll(this.#take);
      this.#shard.postOut();
      turns++;
    } while (!this.#shard.drained && turns < MAX_IN_A_ROW && this.#hasNext());
    if (this.#shard.drained) {
      this.#end();
      this.#resolve?.(this.#shard.stats());
    } else if (!this.#port.sleep()) this.#flushLater();
  };

  /** Whether there is a next post, for which the thread waits a moment if that pays. */
  #hasNext(): boolean {
    const few = this.#turnBytes > 0 && this.#turnBytes <= FEW_BYTES;
    this.#turnBytes = 0;
    return few && this.#wait !== undefined ? this.#wait.until(this.#isPostWaiting) : this.#port.waiting;
  }

  readonly #isPostWaiting = (): boolean => this.#port.waiting;

  readonly #tick = (): void => {
    this.#loopDelay.tick();
    this.#shard.tick();
    this.#flushLater();
  };

  /** There may be something to post and to write. */
  #asked<T>(answer: Promise<T>): Promise<T> {
    this.#flushLater();
    return answer;
  }

  #exposeControl(): void {
    exposeControl(
      {
        stats: () => this.#shard.stats(),
        times: () => ({
          storeSync: (this.#store?.syncs ?? new DurationCounts()).now,
          loopDelay: this.#loopDelay.now,
          oldestSeconds: this.#shard.oldestSeconds,
          threadBytes: threadBytes(),
        }),
        names: (question) => this.#shard.asked.names(question),
        mail: (name, after, limit) => this.#asked(this.#shard.asked.mail(name, after, limit)),
        purge: (name, before) => this.#asked(this.#shard.asked.purge(name, before)),
        purgeOne: (name, seq) => this.#asked(this.#shard.asked.purgeOne(name, seq)),
        throwAtNextBatch: (site) => {
          this.#mustThrow = site;
        },
        // The parts of the shard look into the same object, each time that they need a limit.
        setLimits: ({ heldMaxBytes, ...limits }) => {
          Object.assign(this.#task.settings, limits);
          this.#budget.limit(heldMaxBytes, limits.reservePercent);
        },
        suspendStore: async () => this.#store?.suspend(),
        resumeStore: async () => {
          await this.#store?.reopen();
          this.#shard.resume();
        },
      },
      this.#task.control,
    );
  }
}

function threadBytes(): number {
  const { total_heap_size: heap, malloced_memory: malloced, external_memory: buffers } = getHeapStatistics();
  return heap + malloced + buffers;
}
