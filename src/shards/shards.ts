/**
 * The shards as the main thread sees them: a thread for each in one pool, a link to each, and a supervisor that starts
 * a crashed one again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { Outbox } from '../router/outbox.ts';
import type { Config } from '../shared/common/config.ts';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import type { Log } from '../shared/common/log/log.ts';
import { poolOptions } from '../shared/common/worker-pool.ts';
import type { Arena } from '../shared/memory/arena.ts';
import type { RemoteShardControl, ShardStats } from '../shared/wire/control.ts';
import { forgetHeld, type ShardTask } from '../shared/wire/shard-task.ts';
import type { ToMainHandler } from '../shared/wire/to-main.ts';
import { putDrain } from '../shared/wire/to-shard.ts';
import { whyUnreadable } from '../store/database.ts';
import { StoreGate } from '../store/guard/gate.ts';
import type { StoreForShards } from '../store/guard/store-guard.ts';
import { WriteFence } from '../store/guard/write-fence.ts';
import { type Flushed, Flushes } from './flushes.ts';
import type { Lending, MemoryPlan } from './memory-plan.ts';
import type { Reattachment } from './reattach.ts';
import { ShardLink, type ThreadPorts } from './shard-link.ts';
import { shardSettings } from './shard-settings.ts';
import { supervise } from './supervisor.ts';

/** Who works off what the shards say, and tells a new shard what the one before knew. */
export interface ShardsHost {
  /** The handler of what shard number `shard` says. */
  handler(shard: number): Omit<ToMainHandler, 'acknowledged' | 'flushed'>;
  /** What the next life of `shard` is told of its peers. */
  reattach(shard: number): Reattachment;
}

export class Shards {
  readonly #config: Config;
  readonly #log: Log;
  readonly #arena: Arena;
  readonly #host: ShardsHost;
  readonly #store: StoreForShards;
  readonly #gate = new StoreGate();
  readonly #pool: Piscina<ShardTask, ShardStats>;
  readonly #links: readonly ShardLink[];
  /** See SharedBudget: the sum of all shards, then each shard's own part of it. */
  readonly #held: SharedArrayBuffer;
  readonly #flushes: Flushes;
  readonly #lives: Promise<ShardStats>[];
  #begun = false;
  #draining = false;
  #destroyed = false;
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
    this.#host = host;
    this.#store = store;
    this.#held = new SharedArrayBuffer(BigInt64Array.BYTES_PER_ELEMENT * (1 + config.SHARDS));
    this.#pool = new Piscina(poolOptions('shard/thread', config.SHARDS));
    // A thread that dies rejects its task too, which is where it is dealt with; without a listener it would end us.
    this.#pool.on('error', (error: unknown) => log.error({ err: error }, 'a shard’s thread died'));
    this.#arena = plan.arena;
    this.#flushes = new Flushes(outboxes);
    this.#links = plan.shards.map((lending, shard) => this.#newLink(outboxes[shard] as Outbox, lending, shard));
    this.#lives = this.#links.map((link) => this.#supervise(link));
    // Whoever drains sees a rejection; until then it must not end the process by itself.
    for (const life of this.#lives) life.catch(() => undefined);
  }

  /**
   * Resolves when every shard runs and answers.
   * @throws StartError if one cannot begin
   */
  async ready(): Promise<void> {
    try {
      await Promise.race([this.flushed(), ...this.#lives]);
    } catch (error) {
      throw (
        whyUnreadable(this.#config.DATA_DIR, error) ??
        new StartError(`a shard cannot begin: ${messageOf(error)}`, EXIT_FAILED, { cause: error })
      );
    }
    this.#begun = true;
  }

  /** What each shard has done and holds; undefined for one that is down. */
  async stats(): Promise<(ShardStats | undefined)[]> {
    return Promise.all(this.#links.map((link) => link.ask((control) => control.stats())));
  }

  /** The control of a shard, for faults made on purpose. */
  control(shard: number): RemoteShardControl | undefined {
    return this.#links[shard]?.control;
  }

  /** Resolves when every shard has worked off all that was put before, and what came of it has been handled. */
  flushed(): Promise<Flushed> {
    return this.#flushes.ask();
  }

  /** Closes the stores of all shards. One that is started meanwhile waits until they are resumed. */
  async suspendStores(): Promise<void> {
    this.#gate.shut();
    await this.#askAll((control) => control.suspendStore());
  }

  async resumeStores(): Promise<void> {
    await this.#askAll((control) => control.resumeStore());
    this.#gate.open();
  }

  /** Asks each shard that is there; one that crashes meanwhile has nothing open then. */
  async #askAll(question: (control: RemoteShardControl) => Promise<void>): Promise<void> {
    await Promise.all(this.#links.map((link) => link.ask(question)));
  }

  /** Drains every shard in-band; resolves with their last words when all have ended. */
  async drain(): Promise<ShardStats[]> {
    this.#draining = true;
    for (const link of this.#links) {
      putDrain(link.outbox.batch);
      link.outbox.schedule();
    }
    return Promise.all(this.#lives);
  }

  /** Ends the threads; those that have not drained lose what they hold. */
  async destroy(): Promise<void> {
    this.#destroyed = true;
    this.#ended.abort();
    this.#gate.open();
    await this.#pool.destroy();
  }

  #newLink(outbox: Outbox, lending: Lending, shard: number): ShardLink {
    const handler: ToMainHandler = {
      ...this.#host.handler(shard),
      acknowledged: (bytes) => outbox.acknowledge(bytes),
      flushed: (id, waiting, storing) => this.#flushes.answered(id, shard, waiting, storing),
    };
    return new ShardLink(shard, outbox, lending, handler, () => this.#log.error({ shard }, 'malformed batch'));
  }

  /** Runs a shard again and again until it has drained. */
  #supervise(link: ShardLink): Promise<ShardStats> {
    const { shard } = link;
    return supervise<Reattachment, ShardStats>(
      { handed: [], first: undefined },
      {
        live: (known) => this.#live(link, known),
        // Until all shards have begun, a failure is the operator's to hear, and no peer waits.
        mayRestart: () => this.#begun && !this.#destroyed,
        crashed: (error, restartDelayMs) => {
          const { lostBytes } = link;
          this.#log.error({ shard, err: error, lostBytes, restartDelayMs }, 'shard crashed, starting it again');
        },
        wait: async (delayMs) => {
          await sleep(delayMs, undefined, { signal: this.#ended.signal });
          await this.#gate.passed();
        },
        known: () => this.#host.reattach(shard),
        now: () => performance.now(),
      },
    );
  }

  #live(link: ShardLink, { handed, first }: Reattachment): Promise<ShardStats> {
    const { shard } = link;
    return link.live({
      first,
      begin: (outbox) => {
        this.#flushes.askAgain(shard);
        if (this.#draining) putDrain(outbox.batch);
      },
      run: (ports) => this.#pool.run(this.#task(link, handed, ports), { transferList: [ports.data, ports.control] }),
      ended: () => {
        forgetHeld(this.#held, shard);
        new WriteFence(this.#store.writers, 1 + shard).leave();
      },
    });
  }

  #task({ shard, lending }: ShardLink, handed: ShardTask['handed'], { data, control }: ThreadPorts): ShardTask {
    const { HELD_MAX_BYTES, HOLD_SECONDS, DATA_DIR, SHARDS } = this.#config;
    return {
      data,
      control,
      settings: shardSettings(this.#config),
      shard,
      arena: this.#arena.shared,
      toShard: lending.toShard.place,
      toMain: lending.toMain.place,
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
