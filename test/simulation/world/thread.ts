/** A simulated shard thread: the real shard, and a queue in each direction. */
import type { ShardPools } from '../../../src/shards/memory-plan.ts';
import type { ShardCalls, ShardThread } from '../../../src/shards/shard-link.ts';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import { BatchBuilder, type PostedValue, posted, received } from '../../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../../src/shared/wire/port/control.ts';
import type { PriorDelivery, ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import { Shard } from '../../../workers/shard/shard.ts';
import { PaperBudget } from '../../helpers/unit/shard/bench.ts';
import { type Disk, DiskStore } from './disk.ts';

export interface SimTask {
  readonly index: number;
  readonly shards: number;
  readonly settings: ShardSettings;
  readonly pools: ShardPools;
  readonly disk: Disk;
  readonly handed: readonly PriorDelivery[];
  /** Whether the shard counts all mail in the store when it loads. */
  readonly compare: boolean;
  readonly now: () => number;
}

/**
 * A thread loads its index and works. It ends as drained or dead. It is gone when the main thread knows that it is
 * dead.
 */
type State = 'loading' | 'works' | 'drained' | 'dead' | 'gone';

export class SimThread implements ShardThread {
  readonly shard: Shard;
  readonly store: DiskStore;
  readonly budget = new PaperBudget(Number.POSITIVE_INFINITY);
  readonly control: ShardCalls;
  state: State = 'loading';
  /** How many posts were posted to it, and how many it has processed. */
  posted = 0;
  worked = 0;
  readonly #task: SimTask;
  readonly #out: BatchBuilder;
  #toShard: PostedValue[] = [];
  #toMain: PostedValue[] = [];
  /** Control calls that it has not answered yet. */
  #calls: (() => void)[] = [];
  #take: (value: PostedValue) => void = () => undefined;
  #closed: () => void = () => undefined;
  #resolve: (stats: ShardStats) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(task: SimTask) {
    const { settings, pools, disk, now } = task;
    this.#task = task;
    this.store = new DiskStore(disk);
    this.#out = new BatchBuilder(pools.toMain);
    this.shard = new Shard(settings, {
      budget: this.budget,
      now,
      out: this.#out,
      post: (post) => this.#toMain.push(crossed(...posted(post))),
      store: this.store,
      seed: 1,
    });
    this.control = {
      stats: async () => this.shard.stats(),
      throwAtNextBatch: () => this.#called(() => undefined),
      suspendStore: () => this.#called(() => this.store.suspend()),
      resumeStore: () =>
        this.#called(() => {
          this.store.resume();
          this.shard.resume();
        }),
    };
  }

  readonly target = {
    postMessage: (value: PostedValue, transfer: readonly ArrayBuffer[]) => {
      const arrives = crossed(value, [...transfer]);
      this.posted++;
      if (this.state === 'loading' || this.state === 'works') this.#toShard.push(arrives);
    },
  } as unknown as ShardThread['target'];

  listen(take: (value: PostedValue) => void, closed: () => void): void {
    this.#take = take;
    this.#closed = closed;
  }

  run(): Promise<ShardStats> {
    const { index, shards, handed, compare } = this.#task;
    const mine = (name: Uint8Array) => shardOf(hashName(name), shards) === index;
    this.shard.load(mine, handed, compare).then(
      () => {
        if (this.state === 'loading') this.state = 'works';
      },
      () => undefined,
    );
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  next(): PostedValue | undefined {
    return this.#toMain.shift();
  }

  close(): void {
    this.#take = this.#closed = () => undefined;
  }

  /** Whether its shard is dead, and its memory lost. */
  get isOver(): boolean {
    return this.state === 'dead' || this.state === 'gone';
  }

  /** The shard processes its next post. @returns false if there is none, or the thread does not work */
  work(): boolean {
    const value = this.state === 'works' ? this.#toShard.shift() : undefined;
    if (value === undefined) return false;
    this.shard.receive(received(value, this.#task.pools.toShard));
    this.worked++;
    return true;
  }

  /** Ends a turn of the thread. */
  endTurn(): void {
    if (this.state !== 'works') return;
    this.shard.postOut();
    if (!this.shard.drained) return;
    this.state = 'drained';
    this.#out.retire();
    this.#resolve(this.shard.stats());
  }

  /** Answers the control calls. @returns false if there is none */
  answerCalls(): boolean {
    const calls = this.state === 'works' ? this.#calls.splice(0) : [];
    for (const call of calls) call();
    return calls.length > 0;
  }

  /** The main thread processes the next post of the shard. @returns false if there is none */
  handOver(): boolean {
    const value = this.#toMain.shift();
    if (value !== undefined) this.#take(value);
    return value !== undefined;
  }

  /**
   * The thread dies. Posts of the shard still arrive. Posts to the shard, and its memory, are lost.
   * @param closes whether its ports are closed before the main thread is told
   */
  die(closes: boolean): void {
    this.state = 'dead';
    this.store.abandon();
    this.#out.retire();
    this.#toShard = [];
    this.#calls = [];
    if (closes) this.#closed();
  }

  /** The main thread is told that the thread is dead. */
  tellDeath(): void {
    this.#reject(new Error('told to throw'));
  }

  #called(answer: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#calls.push(() => {
        answer();
        resolve();
      });
    });
  }
}

/** A posted value, as it arrives at the other thread. */
function crossed(value: PostedValue, transfer: ArrayBuffer[]): PostedValue {
  return structuredClone(value, { transfer });
}
