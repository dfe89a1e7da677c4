/**
 * The lives of all shards, whatever they run in: a link to each, a supervisor that starts a crashed one again, and the
 * questions that go to all of them. Threads and time come from outside.
 */
import type { Outbox } from '../router/outbox.ts';
import type { ShardStats } from '../shared/wire/control.ts';
import type { PriorDelivery } from '../shared/wire/shard-task.ts';
import type { ToMainHandler } from '../shared/wire/to-main.ts';
import { putDrain } from '../shared/wire/to-shard.ts';
import { StoreGate } from '../store/guard/store-gate.ts';
import { type Flushed, Flushes } from './flushes.ts';
import type { Lending } from './memory-plan.ts';
import type { Reattachment } from './reattach.ts';
import { type ShardCalls, ShardLink, type ShardThread } from './shard-link.ts';
import { supervise } from './supervisor.ts';

/** Who works off what the shards say, and tells a new shard what the one before knew. */
export interface ShardsHost {
  /** The handler of what shard number `shard` says. */
  handler(shard: number): Omit<ToMainHandler, 'acknowledged' | 'flushed'>;
  /** What the next life of `shard` is told of its peers. */
  reattach(shard: number): Reattachment;
}

/** What shards live in, and the clock they are supervised by. */
export interface ShardSurroundings {
  /** A thread for the next life of a shard, which has not begun to run. */
  thread(shard: number, handed: readonly PriorDelivery[]): ShardThread;
  /** Called when all that a life of the shard said has been heard. */
  ended(shard: number): void;
  /** The shard has crashed, and is started again. */
  crashed(shard: number, error: unknown, lostBytes: number, restartDelayMs: number): void;
  /** The shard has posted a batch that is none. */
  malformed(shard: number): void;
  /** Resolves after so many milliseconds; rejects if nothing is to be started any more. */
  sleep(delayMs: number): Promise<void>;
  /** Milliseconds, of a clock that only rises. */
  now(): number;
}

export class ShardLives {
  readonly #host: ShardsHost;
  readonly #surroundings: ShardSurroundings;
  readonly #gate = new StoreGate();
  readonly #links: readonly ShardLink[];
  readonly #flushes: Flushes;
  readonly #lives: Promise<ShardStats>[];
  /** All shards have begun; until then a crash is the end, because it is the operator's to hear. */
  #begun = false;
  #draining = false;
  #ended = false;

  /**
   * Starts all shards.
   * @param outboxes one for each shard, in the order of their numbers; so are `lendings`
   */
  constructor(
    outboxes: readonly Outbox[],
    lendings: readonly Lending[],
    host: ShardsHost,
    surroundings: ShardSurroundings,
  ) {
    this.#host = host;
    this.#surroundings = surroundings;
    this.#flushes = new Flushes(outboxes);
    this.#links = lendings.map((lending, shard) => this.#newLink(outboxes[shard] as Outbox, lending, shard));
    this.#lives = this.#links.map((link) => this.#supervise(link));
    // Whoever drains sees a rejection; until then it must not end the process by itself.
    for (const life of this.#lives) life.catch(() => undefined);
  }

  /**
   * Resolves when every shard runs and answers.
   * @throws why one of them cannot begin
   */
  async ready(): Promise<void> {
    await Promise.race([this.flushed(), ...this.#lives]);
    this.#begun = true;
  }

  /** What each shard has done and holds; undefined for one that is down. */
  async stats(): Promise<(ShardStats | undefined)[]> {
    return Promise.all(this.#links.map((link) => link.ask((control) => control.stats())));
  }

  /** Whether every shard is there, and has answered since it was started. */
  get allAnswer(): boolean {
    return this.#links.every((link) => link.answers);
  }

  /** The control of a shard; undefined while it is down. */
  control(shard: number): ShardCalls | undefined {
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
  async #askAll(question: (control: ShardCalls) => Promise<void>): Promise<void> {
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

  /** No shard is started again. */
  end(): void {
    this.#ended = true;
    this.#gate.open();
  }

  #newLink(outbox: Outbox, lending: Lending, shard: number): ShardLink {
    const handler: ToMainHandler = {
      ...this.#host.handler(shard),
      acknowledged: (bytes) => outbox.acknowledge(bytes),
      flushed: (id, waiting, storing) => this.#flushes.answered(id, shard, waiting, storing),
    };
    return new ShardLink(shard, outbox, lending, handler, () => this.#surroundings.malformed(shard));
  }

  /** Runs a shard again and again until it has drained. */
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
