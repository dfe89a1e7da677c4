/**
 * The shards as the main thread sees them: a pool of one thread each, their ports, and the supervisor that starts a
 * crashed one again.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { MessageChannel, type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { releaseProxy } from 'comlink';
import { Piscina } from 'piscina';
import type { Outbox } from '../router/outbox.ts';
import type { Config } from '../shared/common/config.ts';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import type { Log } from '../shared/common/log/log.ts';
import { poolOptions } from '../shared/common/worker-pool.ts';
import type { Arena } from '../shared/memory/arena.ts';
import { isLoan, type PostedValue, received } from '../shared/wire/batch.ts';
import { type RemoteShardControl, remoteControl, type ShardStats } from '../shared/wire/control.ts';
import { forgetHeld, type ShardTask } from '../shared/wire/shard-task.ts';
import { readToMain, type ToMainHandler } from '../shared/wire/to-main.ts';
import { putBegin, putDrain, putFlush } from '../shared/wire/to-shard.ts';
import { DamagedStore } from '../store/database.ts';
import { StoreGate } from '../store/guard/gate.ts';
import type { StoreForShards } from '../store/guard/store-guard.ts';
import { WriteFence } from '../store/guard/write-fence.ts';
import type { Lending, MemoryPlan } from './memory-plan.ts';
import type { Reattachment } from './reattach.ts';
import { firstWindowBytes, reportAfterBytes } from './write-window.ts';

/** See ShardSettings, headBytes. */
const HEAD_BYTES = 64 * 1024;
/** See ShardSettings, memoryBytes: of all shards. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** See ShardSettings, fullMemoryBytes and handedBytes: of all shards. */
export const FULL_MEMORY_BYTES = 64 * 1024 * 1024;
export const HANDED_BYTES = 64 * 1024 * 1024;
const FIRST_RESTART_DELAY_MS = 50;
const LONGEST_RESTART_DELAY_MS = 5_000;
/** A shard that has lived this long has recovered: its next restart is quick again. */
const RECOVERED_AFTER_MS = 30_000;

/** Who works off what the shards say, and tells a new shard what the one before knew. */
export interface ShardsHost {
  /** The handler of what shard number `shard` says. */
  handler(shard: number): Omit<ToMainHandler, 'worked' | 'flushed'>;
  /** What the next life of `shard` is told of its peers. */
  reattach(shard: number): Reattachment;
}

/** What the shards still have to do when they have worked off all they were told. */
export interface Flushed {
  /** Messages in the mailboxes of peers that are here. */
  waiting: number;
  /** Whether the store has not answered everything it was asked. */
  storing: boolean;
}

interface Flush extends Flushed {
  readonly missing: Set<number>;
  readonly done: (flushed: Flushed) => void;
}

interface Link {
  readonly shard: number;
  readonly outbox: Outbox;
  readonly lending: Lending;
  readonly handler: ToMainHandler;
  data: MessagePort | undefined;
  control: RemoteShardControl | undefined;
  startedAt: number;
  restartDelayMs: number;
  /** Bytes that were posted to the shard's last life and not worked off. */
  lostBytes: number;
  /** Resolves when its life is over: what is asked of it on its control port then is never answered. */
  over: Promise<void>;
}

export class Shards {
  readonly #config: Config;
  readonly #log: Log;
  readonly #arena: Arena;
  readonly #host: ShardsHost;
  readonly #store: StoreForShards;
  readonly #gate = new StoreGate();
  readonly #pool: Piscina<ShardTask, ShardStats>;
  readonly #links: readonly Link[];
  /** See SharedBudget: the sum of all shards, then each shard's own part of it. */
  readonly #held: SharedArrayBuffer;
  /** Flushes that were asked for and not answered: how many shards still have to, and whom to tell then. */
  readonly #flushes = new Map<number, Flush>();
  readonly #lives: Promise<ShardStats>[];
  #nextToken = 1;
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
      const reason = messageOf(error);
      const { DATA_DIR, HOLD_SECONDS } = this.#config;
      if (HOLD_SECONDS === 0) throw new StartError(`a shard cannot begin: ${reason}`, EXIT_FAILED, { cause: error });
      throw new DamagedStore(DATA_DIR, reason, error);
    }
    this.#begun = true;
  }

  /** What each shard has done and holds; undefined for one that is down. */
  async stats(): Promise<(ShardStats | undefined)[]> {
    return Promise.all(this.#links.map(async (link) => link.control?.stats()));
  }

  /** The control of a shard, for faults made on purpose. */
  control(shard: number): RemoteShardControl | undefined {
    return this.#links[shard]?.control;
  }

  /**
   * Resolves when every shard has worked off all that was put before, and what came of it has been handled.
   */
  flushed(): Promise<Flushed> {
    const token = this.#nextToken++;
    return new Promise((resolve) => {
      const missing = new Set(this.#links.map((link) => link.shard));
      this.#flushes.set(token, { missing, waiting: 0, storing: false, done: resolve });
      for (const link of this.#links) {
        putFlush(link.outbox.batch, token);
        link.outbox.schedule();
      }
    });
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

  /** Asks each shard that is there; one that crashes meanwhile does not answer, and has nothing open then. */
  async #askAll(ask: (control: RemoteShardControl) => Promise<void>): Promise<void> {
    await Promise.all(
      this.#links.map(async ({ control, over }) => {
        if (control !== undefined) await Promise.race([ask(control), over]);
      }),
    );
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

  #newLink(outbox: Outbox, lending: Lending, shard: number): Link {
    const handler: ToMainHandler = {
      ...this.#host.handler(shard),
      worked: (bytes) => outbox.acknowledge(bytes),
      flushed: (token, waiting, storing) => this.#flushedBy(token, shard, waiting, storing),
    };
    return {
      shard,
      outbox,
      lending,
      handler,
      data: undefined,
      control: undefined,
      startedAt: 0,
      restartDelayMs: 0,
      lostBytes: 0,
      over: Promise.resolve(),
    };
  }

  /** Runs a shard again and again until it has drained. */
  async #supervise(link: Link): Promise<ShardStats> {
    let known: Reattachment = { handed: [], first: undefined };
    for (;;) {
      try {
        return await this.#live(link, known);
      } catch (error) {
        // Before all have begun there is somebody to be told, and no peer to wait for.
        if (this.#destroyed || !this.#begun) throw error;
        known = await this.#recover(link, error);
      }
    }
  }

  /** One life of a shard, from its ports to its end. */
  async #live(link: Link, { handed, first }: Reattachment): Promise<ShardStats> {
    const data = new MessageChannel();
    const control = new MessageChannel();
    const { shard, lending } = link;
    const task: ShardTask = {
      data: data.port2,
      control: control.port2,
      settings: this.#shardSettings(),
      shard,
      arena: this.#arena.shared,
      toShard: lending.toShard.place,
      toMain: lending.toMain.place,
      held: this.#held,
      heldMaxBytes: this.#config.HELD_MAX_BYTES,
      shards: this.#config.SHARDS,
      handed,
      dataDir: this.#config.HOLD_SECONDS > 0 ? this.#config.DATA_DIR : undefined,
      ...this.#store,
      compare: this.#store.compare && !this.#begun,
    };
    let end = () => {};
    link.over = new Promise<void>((resolve) => {
      end = resolve;
    });
    link.data = data.port1;
    link.control = remoteControl(control.port1);
    link.startedAt = performance.now();
    link.lostBytes = 0;
    data.port1.on('message', (value: PostedValue) => this.#receive(link, value));
    // A thread that dies closes its ports: what is put from then on waits for the next life.
    const disconnect = () => {
      link.lostBytes += link.outbox.disconnect();
    };
    data.port1.on('close', disconnect);
    // Behind all that was put while no shard was there, which may be mail that comes back to its old place.
    putBegin(link.outbox.batch);
    link.outbox.connect(data.port1, first);
    for (const [token, flush] of this.#flushes) {
      if (flush.missing.has(shard)) putFlush(link.outbox.batch, token);
    }
    if (this.#draining) putDrain(link.outbox.batch);
    link.outbox.schedule();
    try {
      return await this.#pool.run(task, { transferList: [data.port2, control.port2] });
    } finally {
      // What the shard said before it ended still holds.
      for (let left = receiveMessageOnPort(data.port1); left !== undefined; left = receiveMessageOnPort(data.port1)) {
        this.#receive(link, left.message as PostedValue);
      }
      disconnect();
      lending.toShard.giveBackAll();
      lending.toMain.giveBackAll();
      data.port1.off('close', disconnect);
      forgetHeld(this.#held, shard);
      link.control[releaseProxy]();
      link.data = undefined;
      link.control = undefined;
      data.port1.close();
      control.port1.close();
      new WriteFence(this.#store.writers, 1 + shard).leave();
      end();
    }
  }

  /** Waits before a crashed shard is started again. @returns what to tell it first */
  async #recover(link: Link, error: unknown): Promise<Reattachment> {
    const recovered = performance.now() - link.startedAt > RECOVERED_AFTER_MS;
    link.restartDelayMs = recovered
      ? FIRST_RESTART_DELAY_MS
      : Math.min(LONGEST_RESTART_DELAY_MS, Math.max(FIRST_RESTART_DELAY_MS, link.restartDelayMs * 2));
    const { shard, restartDelayMs, lostBytes } = link;
    this.#log.error({ shard, err: error, lostBytes, restartDelayMs }, 'shard crashed, starting it again');
    await sleep(restartDelayMs, undefined, { signal: this.#ended.signal });
    await this.#gate.passed();
    return this.#host.reattach(shard);
  }

  #receive(link: Link, value: PostedValue): void {
    const post = received(value, link.lending.toMain);
    if (!readToMain(post, link.handler)) this.#log.error({ shard: link.shard }, 'malformed batch');
    if (isLoan(post)) post.from.giveBack(post.number);
  }

  #flushedBy(token: number, shard: number, waiting: number, storing: boolean): void {
    const flush = this.#flushes.get(token);
    if (flush === undefined || !flush.missing.delete(shard)) return;
    flush.waiting += waiting;
    flush.storing ||= storing;
    if (flush.missing.size > 0) return;
    this.#flushes.delete(token);
    flush.done({ waiting: flush.waiting, storing: flush.storing });
  }

  #shardSettings(): ShardTask['settings'] {
    const config = this.#config;
    return {
      holdSeconds: config.HOLD_SECONDS,
      notices: config.NOTICES === 'on',
      strict: config.STRICT === 'on',
      mailboxMaxMessages: config.MAILBOX_MAX_MESSAGES,
      mailboxMaxBytes: config.MAILBOX_MAX_BYTES,
      writeWindowBytes: config.WRITE_WINDOW_BYTES,
      firstWindowBytes: firstWindowBytes(config),
      headBytes: HEAD_BYTES,
      memoryBytes: Math.floor(MEMORY_BYTES / config.SHARDS),
      fullMemoryBytes: Math.floor(FULL_MEMORY_BYTES / config.SHARDS),
      handedBytes: Math.floor(HANDED_BYTES / config.SHARDS),
      unreportedBytes: reportAfterBytes(config),
      reservePercent: config.FAIR_RESERVE_PERCENT,
      maxNames: Math.ceil(config.MAX_NAMES / config.SHARDS),
    };
  }
}
