/**
 * All lives of all shards: a link to each shard, a supervisor that restarts it after a crash, and the questions to all
 * of them. Threads and time are passed in.
 */
import type { Outbox } from '../router/outbox.ts';
import type { ShardStats, ShardTimes } from '../shared/wire/port/control.ts';
import type { PriorDelivery, ShardLimits } from '../shared/wire/port/shard-task.ts';
import type { ToMainHandler } from '../shared/wire/read-to-main.ts';
import { putDrain } from '../shared/wire/to-shard.ts';
import { StoreGate } from '../store/guard/store-gate.ts';
import { type Flushed, Flushes } from './flushes.ts';
import type { ShardPools } from './memory-plan.ts';
import type { Reattachment } from './reattach.ts';
import { type ShardCalls, ShardLink, type ShardThread } from './shard-link.ts';
import { supervise } from './supervisor.ts';

/** The handler of what the shards post, and the source of what a new life is told. */
export interface ShardsHost {
  /** @returns the handler of what this shard posts */
  handler(shard: number): Omit<ToMainHandler, 'acknowledged' | 'flushed' | 'released'>;
  /** What the next life of `shard` is told about its sessions. */
  reattach(shard: number): Reattachment;
}

/** The environment of the shards: their threads, and the clock of the supervisor. */
export interface ShardSurroundings {
  /** @returns a thread for the next life of a shard, which does not run yet */
  thread(shard: number, handed: readonly PriorDelivery[]): ShardThread;
  /** Called when everything that a life of the shard posted has been handled. */
  ended(shard: number): void;
  /** The shard has crashed, and will be restarted after `restartDelayMs`. */
  crashed(shard: number, error: unknown, lostBytes: number, restartDelayMs: number): void;
  /** The shard has posted a batch with a broken record. */
  malformed(shard: number): void;
  /** Resolves after `delayMs` milliseconds. Rejects if no shard is to be started any more. */
  sleep(delayMs: number): Promise<void>;
  /** A monotonic clock, in milliseconds. */
  now(): number;
}

/** The shards of one broker. */
export class ShardLives {
  readonly #host: ShardsHost;
  readonly #surroundings: ShardSurroundings;
  readonly #gate = new StoreGate();
  readonly #links: readonly ShardLink[];
  readonly #flushes: Flushes;
  readonly #lives: Promise<ShardStats>[];
  /**
   * Whether all shards have begun once. Before that a crash is not retried: it fails the start, and the operator sees
   * it.
   */
  #begun = false;
  #draining = false;
  #ended = false;

  /**
   * Starts all shards.
   * @param outboxes one a shard, in the order of their numbers; so are `pools`
   */
  constructor(
    outboxes: readonly Outbox[],
    pools: readonly ShardPools[],
    host: ShardsHost,
    surroundings: ShardSurroundings,
  ) {
    this.#host = host;
    this.#surroundings = surroundings;
    this.#flushes = new Flushes(outboxes);
    this.#links = pools.map((pools, shard) => this.#newLink(outboxes[shard] as Outbox, pools, shard));
    this.#lives = this.#links.map((link) => this.#supervise(link));
    // `drain` reports a rejection. Until then it must not end the process as an unhandled one.
    for (const life of this.#lives) life.catch(() => undefined);
  }

  /**
   * Resolves when every shard is up and answers.
   * @throws the error of a shard that cannot begin
   */
  async ready(): Promise<void> {
    await Promise.race([this.flushed(), ...this.#lives]);
    this.#begun = true;
  }

  /** The figures of each shard; undefined for one that is down. */
  async stats(): Promise<(ShardStats | undefined)[]> {
    return Promise.all(this.#links.map((link) => link.ask((control) => control.stats())));
  }

  /** What each shard has measured; undefined for one that is down. */
  async times(): Promise<(ShardTimes | undefined)[]> {
    return Promise.all(this.#links.map((link) => link.ask((control) => control.times())));
  }

  /** Whether each shard is there, and has answered since it was started. */
  get up(): boolean[] {
    return this.#links.map((link) => link.answers);
  }

  /** See ShardLink. */
  async ask<Answer>(shard: number, question: (control: ShardCalls) => Promise<Answer>): Promise<Answer | undefined> {
    return this.#links[shard]?.ask(question);
  }

  /** The control calls of a shard; undefined while it is down. */
  control(shard: number): ShardCalls | undefined {
    return this.#links[shard]?.control;
  }

  /**
   * Resolves when every shard has processed all records that were put before, and everything that it posted for them
   * has been handled.
   */
  flushed(): Promise<Flushed> {
    return this.#flushes.ask();
  }

  /** Closes the stores of all shards. A shard that is restarted meanwhile waits for `resumeStores`. */
  async suspendStores(): Promise<void> {
    this.#gate.shut();
    await this.#askAll((control) => control.suspendStore());
  }

  /** Opens the stores of all shards again. */
  async resumeStores(): Promise<void> {
    await this.#askAll((control) => control.resumeStore());
    this.#gate.open();
  }

  /** Has each shard take other limits. One that is down gets them with its next life, or has them from its task. */
  setLimits(limits: ShardLimits): void {
    void this.#askAll((control) => control.setLimits(limits));
  }

  /** Asks each shard that is up. A shard that crashes meanwhile has no store open then. */
  async #askAll(question: (control: ShardCalls) => Promise<void>): Promise<void> {
    await Promise.all(this.#links.map((link) => link.ask(question)));
  }

  /** Drains every shard, by a record after all others. Resolves with their last figures when all have ended. */
  async drain(): Promise<ShardStats[]> {
    this.#draining = true;
    for (const link of this.#links) {
      putDrain(link.outbox.batch);
      link.outbox.schedule();
    }
    return Promise.all(this.#lives);
  }

  /** From now on no shard is restarted. */
  end(): void {
    this.#ended = true;
    this.#gate.open();
  }

  #newLink(outbox: Outbox, pools: ShardPools, shard: number): ShardLink {
    const handler: ToMainHandler = {
      ...this.#host.handler(shard),
      acknowledged: (bytes) => outbox.acknowledge(bytes),
      released: (buffer) => pools.toShard.release(buffer),
      flushed: (id, waiting, storing) => this.#flushes.answered(id, shard, waiting, storing),
    };
    return new ShardLink(shard, outbox, pools, handler, () => this.#surroundings.malformed(shard));
  }

  /** Runs a shard, life after life, until it has drained. */
  #supervise(link: ShardLink): Promise<ShardStats> {
    const { shard } = link;
    const surroundings = this.#surroundings;
    return supervise<Reattachment, ShardStats>(
      { handed: [], first: undefined },
      {
        live: (known) => this.#live(link, known),
        mayRestart: () => this.#begun && !this.#ended,
        crashed: (error, delayMs) => surroundings.crashed(shard, error, link.lostBytes, delayMs),
        wait: async (delayMs) => {
          await surroundings.sleep(delayMs);
          await this.#gate.passed();
        },
        known: () => this.#host.reattach(shard),
        now: () => surroundings.now(),
      },
    );
  }

  #live(link: ShardLink, { handed, first }: Reattachment): Promise<ShardStats> {
    const { shard } = link;
    return link.live({
      thread: this.#surroundings.thread(shard, handed),
      first,
      begin: (outbox) => {
        this.#flushes.askAgain(shard);
        if (this.#draining) putDrain(outbox.batch);
      },
      ended: () => this.#surroundings.ended(shard),
    });
  }
}
