/** The shards of a broker, each in a thread of one pool, with the memory and the store that they share. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { Outbox } from '../router/outbox.ts';
import type { Config } from '../shared/common/config.ts';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import type { Log } from '../shared/common/log/log.ts';
import { poolOptions } from '../shared/common/worker-pool.ts';
import type { ShardStats, ShardTimes } from '../shared/wire/port/control.ts';
import { forgetHeld, type PriorDelivery, type ShardTask } from '../shared/wire/port/shard-task.ts';
import { whyUnreadable } from '../store/database.ts';
import type { StoreForShards } from '../store/guard/store-guard.ts';
import { WriteFence } from '../store/guard/write-fence.ts';
import type { Flushed } from './flushes.ts';
import type { MemoryPlan, ShardPools, ShardRings } from './memory-plan.ts';
import type { ShardCalls } from './shard-link.ts';
import { ShardLives, type ShardSurroundings, type ShardsHost } from './shard-lives.ts';
import { shardLimits, shardSettings } from './shard-settings.ts';
import { PoolThread, type ThreadPorts } from './thread/pool-thread.ts';
import { TurnLooks, type WatchedTurns } from './thread/turn-looks.ts';

/** All shards. Their logic is in ShardLives; here are the real threads, clock and log. */
export class Shards {
  #config: Config;
  readonly #log: Log;
  readonly #plan: MemoryPlan;
  readonly #store: StoreForShards;
  readonly #looks: TurnLooks;
  readonly #pool: Piscina<ShardTask, ShardStats>;
  /** See SharedBudget: the bytes held by all shards, and then those of each shard. */
  readonly #held: SharedArrayBuffer;
  readonly #lives: ShardLives;
  /** How often each shard has crashed and been started again. */
  readonly restarts: number[];
  /** When each was started again last, in milliseconds since 1970; nothing for one that has never crashed. */
  readonly restartedAt: (number | undefined)[] = [];
  /** Whether all shards have begun once. */
  #begun = false;
  /** Aborts the wait of a crashed shard for its restart. */
  readonly #ended = new AbortController();

  /** @param turns the turns of the event loop; without them every post of a shard wakes the main thread */
  constructor(
    config: Config,
    log: Log,
    outboxes: readonly Outbox[],
    plan: MemoryPlan,
    host: ShardsHost,
    store: StoreForShards,
    turns?: WatchedTurns,
  ) {
    this.#config = config;
    this.#log = log;
    this.#plan = plan;
    this.#store = store;
    this.restarts = Array.from({ length: config.SHARDS }, () => 0);
    this.#looks = TurnLooks.at(config.SHARDS);
    turns?.watch(this.#looks);
    this.#held = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * (1 + config.SHARDS));
    this.#pool = new Piscina(poolOptions('shard/thread', config.SHARDS));
    // A thread that dies also rejects its task, where it is handled. An `error` event without a listener would end the
    // process.
    this.#pool.on('error', (error: unknown) => log.error({ err: error }, 'a shard’s thread died'));
    this.#lives = new ShardLives(outboxes, plan.shards, host, this.#surroundings());
  }

  /**
   * Resolves when every shard is up and answers.
   * @throws StartError if one of them cannot begin
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

  /** Goes over to other limits, in all lives from now on. */
  setLimits(config: Config): void {
    this.#config = config;
    this.#lives.setLimits(shardLimits(config));
  }

  /** The figures of each shard; undefined for one that is down. */
  stats(): Promise<(ShardStats | undefined)[]> {
    return this.#lives.stats();
  }

  /** See ShardLives. */
  times(): Promise<(ShardTimes | undefined)[]> {
    return this.#lives.times();
  }

  /** See ShardLink. */
  ask<Answer>(shard: number, question: (control: ShardCalls) => Promise<Answer>): Promise<Answer | undefined> {
    return this.#lives.ask(shard, question);
  }

  /** The control calls of a shard, for tests that make it fail; undefined while it is down. */
  control(shard: number): ShardCalls | undefined {
    return this.#lives.control(shard);
  }

  /** See ShardLives, also for the next four. */
  get up(): boolean[] {
    return this.#lives.up;
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

  /** Ends the threads. A shard that has not drained loses what it holds in memory. */
  async destroy(): Promise<void> {
    this.#ended.abort();
    this.#lives.end();
    await this.#pool.destroy();
  }

  #surroundings(): ShardSurroundings {
    const log = this.#log;
    return {
      thread: (shard, handed) =>
        new PoolThread(
          (ports) => this.#pool.run(this.#task(shard, handed, ports), { transferList: [ports.data, ports.control] }),
          this.#plan.rings[shard] as ShardRings,
          this.#looks,
        ),
      ended: (shard) => {
        forgetHeld(this.#held, shard);
        new WriteFence(this.#store.writers, 1 + shard).leave();
      },
      crashed: (shard, error, lostBytes, restartDelayMs) => {
        this.restarts[shard] = (this.restarts[shard] ?? 0) + 1;
        this.restartedAt[shard] = Date.now();
        log.error({ shard, err: error, lostBytes, restartDelayMs }, 'shard crashed, starting it again');
      },
      malformed: (shard) => log.error({ shard }, 'malformed batch'),
      sleep: (delayMs) => sleep(delayMs, undefined, { signal: this.#ended.signal }),
      now: () => performance.now(),
    };
  }

  #task(shard: number, handed: readonly PriorDelivery[], { data, control }: ThreadPorts): ShardTask {
    const { HELD_MAX_BYTES, HOLD_SECONDS, DATA_DIR, SHARDS } = this.#config;
    const { toShard, toMain } = this.#plan.shards[shard] as ShardPools;
    const rings = this.#plan.rings[shard] as ShardRings;
    return {
      data,
      control,
      settings: shardSettings(this.#config),
      shard,
      arena: this.#plan.arena.shared,
      toShard: toShard.place,
      toMain: toMain.place,
      toShardRing: rings.toShard.at,
      toMainRing: rings.toMain.at,
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
