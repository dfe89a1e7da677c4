/** The shards of a simulated broker: the real links, supervisors, flushes and reattachment, over simulated threads. */
import type { Outbox } from '../../../src/router/outbox.ts';
import type { ShardPools, ShardRings } from '../../../src/shards/memory-plan.ts';
import { ShardLives, type ShardSurroundings, type ShardsHost } from '../../../src/shards/shard-lives.ts';
import type { TurnLooks } from '../../../src/shards/thread/turn-looks.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { PostRing } from '../../../src/shared/memory/post-ring.ts';
import type { ShardStats } from '../../../src/shared/wire/port/control.ts';
import type { PriorDelivery, ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { Disk } from './disk.ts';
import type { PostState } from './post-log.ts';
import { SimThread } from './thread.ts';

/** A shard through all its lives. */
export interface Place {
  readonly index: number;
  readonly outbox: Outbox;
  readonly pools: ShardPools;
  readonly rings: ShardRings;
  /** Its current life, or the last one. */
  thread: SimThread | undefined;
}

export interface SimShardsOptions {
  readonly settings: ShardSettings;
  readonly disk: Disk;
  /** Whether the first life of each shard counts all mail of the store. */
  readonly compare: boolean;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly host: ShardsHost;
  readonly looks: TurnLooks;
  /** Reports that a check has failed. */
  readonly accuse: (error: unknown) => void;
}

export class SimShards {
  readonly places: readonly Place[];
  readonly lives: ShardLives;
  readonly #options: SimShardsOptions;
  /** The figures of lives that are over. */
  readonly #past: ShardStats[] = [];
  /** What ends the wait of each supervisor whose shard has crashed. */
  #sleepers: (() => void)[] = [];
  /** Whether all shards have begun. Before that a crash ends the broker. */
  #begun = false;
  #reopens = false;
  /** Called when a shard has died, and everything that it posted has been handled. */
  onDeath: (place: Place) => void = () => {};
  /** Called when a shard purges a message. */
  onPurged: (name: string, text: string) => void = () => {};

  constructor(outboxes: readonly Outbox[], pools: readonly ShardPools[], options: SimShardsOptions) {
    this.#options = options;
    this.places = outboxes.map((outbox, index) => ({
      index,
      outbox,
      pools: pools[index] as ShardPools,
      rings: newRings(),
      thread: undefined,
    }));
    this.lives = new ShardLives(outboxes, pools, options.host, this.#surroundings());
    void this.lives.ready().then(() => {
      this.#begun = true;
    });
  }

  /** The figures of all shards, of all their lives. */
  stats(): ShardStats[] {
    const now = this.places.filter(({ thread }) => thread !== undefined && !thread.isOver);
    return [...this.#past, ...now.flatMap(({ thread }) => thread?.shard.stats() ?? [])];
  }

  /** What was true of a shard when it posted what is handled now. */
  postOf(shard: number): PostState {
    const post = this.places[shard]?.thread?.posts.handled;
    if (post === undefined) throw new Error(`shard ${shard} has not posted`);
    return post;
  }

  /** The clock of a shard, which no message that comes to it now is older than. */
  clockOf(shard: number): number {
    return this.places[shard]?.thread?.posts.clock ?? this.#options.now();
  }

  /** A shard dies, unless that would end the broker. @param closes see SimThread */
  crash({ thread }: Place, closes: boolean): void {
    if (!this.#begun || thread === undefined || thread.isOver || thread.state === 'drained') return;
    this.#past.push(thread.shard.stats());
    thread.die(closes);
  }

  /** The main thread is told of all dead shards. @returns whether there was one */
  hearOfDeaths(): boolean {
    const dead = this.places.filter(({ thread }) => thread?.state === 'dead');
    for (const { thread } of dead) thread?.tellDeath();
    return dead.length > 0;
  }

  /** The waits of the supervisors end. @returns whether one was waiting */
  wake(): boolean {
    const sleepers = this.#sleepers.splice(0);
    for (const wake of sleepers) wake();
    return sleepers.length > 0;
  }

  /** Opens the store again in all shards, as StoreKeeper does. */
  reopen(): void {
    if (this.#reopens) return;
    this.#reopens = true;
    const reopened = async () => {
      await this.lives.suspendStores();
      this.#options.disk.broken = false;
      await this.lives.resumeStores();
      this.#reopens = false;
    };
    reopened().catch(this.#options.accuse);
  }

  /**
   * To be called before a flush is sent. @returns a check that throws if a shard is said to have answered before it
   * read the flush
   */
  expectAsked(): () => void {
    const asked = this.places.map(({ thread }) => ({ thread, posted: thread?.posted ?? 0 }));
    return () => {
      const missing = asked.findIndex(
        ({ thread, posted }, index) =>
          thread !== undefined && thread === this.places[index]?.thread && thread.worked <= posted,
      );
      if (missing >= 0) throw new Error(`shard ${missing} is said to have answered, and has not been asked yet`);
    };
  }

  /** The tick of every shard. It reads mail again that could not be read. */
  tick(): void {
    for (const { thread } of this.places) thread?.tick();
  }

  /** Every shard does what it has to do, and its store answers. A shard that has crashed is started again. */
  flow(): void {
    this.hearOfDeaths();
    this.wake();
    for (const { thread } of this.places) {
      while (thread?.work());
      thread?.endTurn();
      for (let calls = thread?.store.waiting ?? 0; calls > 0; calls--) thread?.answer(0);
      while (thread?.handOver());
      thread?.answerCalls();
    }
  }

  /** Lets every shard run until it waits. @returns whether anything was done */
  async settle(): Promise<boolean> {
    this.tick();
    let moved = this.hearOfDeaths();
    await allSaid();
    for (const { thread } of this.places) if (thread !== undefined && (await settleThread(thread))) moved = true;
    return this.wake() || moved;
  }

  /** @throws if a buffer of a shard that waits is still leased */
  expectAllReleased(): void {
    for (const { index, pools, thread } of this.places) {
      const leased = pools.toShard.leasedCount + pools.toMain.leasedCount;
      if (thread?.state === 'works' && leased > 0)
        throw new Error(`${leased} buffers of shard ${index} are still leased`);
    }
  }

  #surroundings(): ShardSurroundings {
    const { accuse, now } = this.#options;
    return {
      thread: (shard, handed) => this.#start(this.places[shard] as Place, handed),
      ended: (shard) => this.#noteEnd(this.places[shard] as Place),
      crashed: (_shard, _error, lostBytes, delayMs) => {
        if (lostBytes < 0 || delayMs < 50) accuse(new Error(`${lostBytes} bytes are lost, and ${delayMs} ms waited`));
      },
      malformed: () => accuse(new Error('a malformed batch for the main thread')),
      sleep: () => new Promise((resolve) => this.#sleepers.push(resolve)),
      now: () => now() * 1000,
    };
  }

  #start(place: Place, handed: readonly PriorDelivery[]): SimThread {
    const { settings, disk, compare, now } = this.#options;
    place.thread = new SimThread({
      index: place.index,
      shards: this.places.length,
      settings,
      pools: place.pools,
      rings: place.rings,
      looks: this.#options.looks,
      accuse: this.#options.accuse,
      disk,
      handed,
      compare: compare && !this.#begun,
      now,
      purged: (name, text) => this.onPurged(name, text),
    });
    return place.thread;
  }

  #noteEnd(place: Place): void {
    if (place.thread?.state !== 'dead') return;
    place.thread.state = 'gone';
    this.onDeath(place);
  }
}

/** Lets a thread run until it waits. @returns whether it has done anything */
async function settleThread(thread: SimThread): Promise<boolean> {
  let moved = false;
  while (thread.work()) moved = true;
  thread.endTurn();
  while (thread.store.waiting > 0) {
    thread.answer(0);
    thread.endTurn();
    await allSaid();
    moved = true;
  }
  while (thread.handOver()) moved = true;
  return thread.answerCalls() || moved;
}

/** Resolves after the callbacks of all settled promises have run. */
export function allSaid(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

function newRings(): ShardRings {
  const memory = new Memory(new ArrayBuffer(2 * PostRing.BYTES));
  return { toShard: new PostRing(memory, 0), toMain: new PostRing(memory, PostRing.BYTES) };
}
