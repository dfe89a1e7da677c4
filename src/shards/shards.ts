/** The shards of a broker: their lives, each in a thread of one pool, with the memory and the store that they share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { Outbox } from '../router/outbox.ts';
import type { Config } from '../shared/common/config.ts';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import type { Log } from '../shared/common/log/log.ts';
import { poolOptions } from '../shared/common/worker-pool.ts';
import type { ShardStats } from '../shared/wire/control.ts';
import { forgetHeld, type PriorDelivery, type ShardTask } from '../shared/wire/shard-task.ts';
import { whyUnreadable } from '../store/database.ts';
import type { StoreForShards } from '../store/guard/store-guard.ts';
import { WriteFence } from '../store/guard/write-fence.ts';
import type { Flushed } from './flushes.ts';
import type { Lending, MemoryPlan } from './memory-plan.ts';
import { PoolThread, type ThreadPorts } from './pool-thread.ts';
import type { ShardCalls } from './shard-link.ts';
import { ShardLives, type ShardSurroundings, type ShardsHost } from './shard-lives.ts';
import { shardSettings } from './shard-settings.ts';

export class Shards {
  readonly #config: Config;
  readonly #log: Log;
  readonly #plan: MemoryPlan;
  readonly #store: StoreForShards;
  readonly #pool: Piscina<ShardTask, ShardStats>;
  /** See SharedBudget: the sum of all shards, then each shard's own part of it. */
  readonly #held: SharedArrayBuffer;
  readonly #lives: ShardLives;
  /** All shards have begun once. */
  #begun = false;
  /** Cuts the wait of a crashed shard short. */
  readonly #ended = new AbortController();

  constructor(
    config: Config,
    log: Log,
    outboxes: readonly Outbox[],
    plan: MemoryPlan,
    host: ShardsHost,
    store: StoreForShards,
  ) {
    this.#config = config;
    this.#log = log;
    this.#plan = plan;
    this.#store = store;
    this.#held = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * (1 + config.SHARDS));
    this.#pool = new Piscina(poolOptions('shard/thread', config.SHARDS));
    // A thread that dies rejects its task too, which is where it is dealt with; without a listener it would end us.
    this.#pool.on('error', (error: unknown) => log.error({ err: error }, 'a shard’s thread died'));
    this.#lives = new ShardLives(outboxes, plan.shards, host, this.#surroundings());
  }

  /**
   * Resolves when every shard runs and answers.
   * @throws StartError if one cannot begin
   */
  async ready(): Promise<void> {
    try {
      await this.#lives.ready();
    } catch (error) {
      throw (
        whyUnreadable(this.#config.DATA_DIR, error) ??
        new StartError(`a shard cannot begin: ${messageOf(error)}`, EXIT_FAILED, { cause: error })
      );
    }
    this.#begun = true;
  }

  /** What each shard has done and holds; undefined for one that is down. */
  stats(): Promise<(ShardStats | undefined)[]> {
    return this.#lives.stats();
  }

  /** The control of a shard, for faults made on purpose. */
  control(shard: number): ShardCalls | undefined {
    return this.#lives.control(shard);
  }

  /** See ShardLives, as for all that follows but `destroy`. */
  get allAnswer(): boolean {
    return this.#lives.allAnswer;
  }

  flushed(): Promise<Flushed> {
    return this.#lives.flushed();
  }

  suspendStores(): Promise<void> {
    return this.#lives.suspendStores();
  }

  resumeStores(): Promise<void> {
    return this.#lives.resumeStores();
  }

  drain(): Promise<ShardStats[]> {
    return this.#lives.drain();
  }

  /** Ends the threads; those that have not drained lose what they hold. */
  async destroy(): Promise<void> {
    this.#ended.abort();
    this.#lives.end();
    await this.#pool.destroy();
  }

  #surroundings(): ShardSurroundings {
    const log = this.#log;
    return {
      thread: (shard, handed) =>
        new PoolThread((ports) =>
          this.#pool.run(this.#task(shard, handed, ports), { transferList: [ports.data, ports.control] }),
        ),
      ended: (shard) => {
        forgetHeld(this.#held, shard);
        new WriteFence(this.#store.writers, 1 + shard).leave();
      },
      crashed: (shard, error, lostBytes, restartDelayMs) =>
        log.error({ shard, err: error, lostBytes, restartDelayMs }, 'shard crashed, starting it again'),
      malformed: (shard) => log.error({ shard }, 'malformed batch'),
      sleep: (delayMs) => sleep(delayMs, undefined, { signal: this.#ended.signal }),
      now: () => performance.now(),
    };
  }

  #task(shard: number, handed: readonly PriorDelivery[], { data, control }: ThreadPorts): ShardTask {
    const { HELD_MAX_BYTES, HOLD_SECONDS, DATA_DIR, SHARDS } = this.#config;
    const { toShard, toMain } = this.#plan.shards[shard] as Lending;
    return {
      data,
      control,
      settings: shardSettings(this.#config),
      shard,
      arena: this.#plan.arena.shared,
      toShard: toShard.place,
      toMain: toMain.place,
      held: this.#held,
      heldMaxBytes: HELD_MAX_BYTES,
      shards: SHARDS,
      handed,
      dataDir: HOLD_SECONDS > 0 ? DATA_DIR : undefined,
      ...this.#store,
      compare: this.#store.compare && !this.#begun,
    };
  }
}
