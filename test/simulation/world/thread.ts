/** A simulated shard thread: the real shard, both real ends of its data port, and a lane in each direction. */
import type { ShardPools, ShardRings } from '../../../src/shards/memory-plan.ts';
import type { ShardCalls, ShardThread } from '../../../src/shards/shard-link.ts';
import { ShardPort } from '../../../src/shards/thread/shard-port.ts';
import type { TurnLooks } from '../../../src/shards/thread/turn-looks.ts';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import { BatchBuilder, type PostedValue, posted, received } from '../../../src/shared/wire/batch.ts';
import type { ShardStats } from '../../../src/shared/wire/port/control.ts';
import { DataPort, type MessageLane } from '../../../src/shared/wire/port/data-port.ts';
import type { PriorDelivery, ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import { Shard } from '../../../workers/shard/shard.ts';
import { PaperBudget } from '../../helpers/unit/shard/bench.ts';
import { type Disk, DiskStore } from './disk.ts';
import { PostLog } from './post-log.ts';

/** Some deliveries of a life are in place, and some are copied. */
const IN_PLACE_BYTES = 30;

const UNUSED = () => Promise.reject(new Error('nobody asks this over the port'));

export interface SimTask {
  readonly index: number;
  readonly shards: number;
  readonly settings: ShardSettings;
  readonly pools: ShardPools;
  readonly rings: ShardRings;
  readonly looks: TurnLooks;
  /** Reports that a check has failed. */
  readonly accuse: (error: unknown) => void;
  readonly disk: Disk;
  readonly handed: readonly PriorDelivery[];
  /** Whether the shard counts all mail in the store when it loads. */
  readonly compare: boolean;
  readonly now: () => number;
  readonly purged: (name: string, text: string) => void;
}

/**
 * A thread loads its index and works. It ends as drained or dead. It is gone when the main thread knows that it is
 * dead.
 */
type State = 'loading' | 'works' | 'drained' | 'dead' | 'gone';

export class SimThread implements ShardThread {
  readonly shard: Shard;
  readonly store: DiskStore;
  /** What was true when it posted. */
  readonly posts: PostLog;
  readonly budget = new PaperBudget(Number.POSITIVE_INFINITY);
  readonly control: ShardCalls;
  state: State = 'loading';
  readonly target: ShardThread['target'];
  /** How many posts were posted to it, and how many it has processed. */
  posted = 0;
  worked = 0;
  /** How many messages it has purged. */
  purged = 0;
  readonly #task: SimTask;
  readonly #out: BatchBuilder;
  /** The ends of the data port, and the messages that are on their way in each lane. */
  readonly #shardEnd: DataPort;
  readonly #mainEnd: ShardPort;
  #toShard: unknown[] = [];
  #toMain: unknown[] = [];
  /** Whether the thread looks for posts by itself. A thread that sleeps does so only after a message of the lane. */
  #awake = false;
  /** Whether it has posted all that it had to say since it took its last post. */
  #posted = false;
  /** Control calls that it has not answered yet. */
  #calls: (() => void)[] = [];
  #closed: () => void = () => undefined;
  #resolve: (stats: ShardStats) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;

  constructor(task: SimTask) {
    const { settings, pools, rings, disk, now, looks } = task;
    this.#task = task;
    this.store = new DiskStore(disk);
    this.posts = new PostLog(disk, this.store, now());
    this.#out = new BatchBuilder(pools.toMain);
    const laneToShard = () => (this.isOver || this.state === 'drained' ? [] : this.#toShard);
    this.#mainEnd = new ShardPort(
      laneBetween(laneToShard, () => this.#toMain),
      rings,
      looks,
    );
    this.#shardEnd = new DataPort(
      laneBetween(() => this.#toMain, laneToShard),
      rings.toMain,
      rings.toShard,
    );
    this.target = {
      postMessage: (value, transfer) => {
        this.posted++;
        this.#mainEnd.target.postMessage(value, transfer);
      },
    };
    this.shard = new Shard(settings, {
      budget: this.budget,
      now,
      inPlace: { arena: pools.toShard.memory, leastBytes: IN_PLACE_BYTES },
      out: this.#out,
      post: (post) => {
        this.posts.posted();
        this.#shardEnd.postMessage(...posted(post));
      },
      store: this.store,
      purged: (name, frame) => {
        this.purged++;
        task.purged(`${Buffer.from(name)}`, Buffer.from(frame).toString());
      },
      seed: 1,
    });
    this.control = {
      stats: async () => this.shard.stats(),
      times: UNUSED,
      names: UNUSED,
      mail: UNUSED,
      purge: UNUSED,
      purgeOne: UNUSED,
      throwAtNextBatch: () => this.#called(() => undefined),
      setLimits: async () => undefined,
      suspendStore: () => this.#called(() => this.store.suspend()),
      resumeStore: () =>
        this.#called(() => {
          this.store.resume();
          this.shard.resume();
        }),
    };
  }

  listen(take: (value: PostedValue) => void, closed: () => void): void {
    this.#mainEnd.listen((value) => {
      this.posts.taken();
      take(value);
    });
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
    const value = this.#mainEnd.next();
    if (value !== undefined) this.posts.taken();
    return value;
  }

  /** The tick of the shard. */
  tick(): void {
    if (this.state !== 'works') return;
    this.posts.clock = this.#task.now();
    this.shard.tick();
    if (this.#out.used > 0) this.posts.turnBegins();
  }

  /** The store answers one of its calls: see DiskStore. */
  answer(index: number, failing?: Error): void {
    this.posts.noteStore();
    this.store.answer(index, failing);
    this.posts.noteStore();
    if (this.#out.used > 0) this.posts.turnBegins();
  }

  /** An operator asks the shard. */
  ask<Answer>(question: (asked: Shard['asked']) => Promise<Answer>): Promise<Answer> {
    this.posts.noteStore();
    const answer = question(this.shard.asked);
    if (this.#out.used > 0) this.posts.turnBegins();
    return answer;
  }

  close(): void {
    this.#mainEnd.close();
    this.#closed = () => undefined;
  }

  /** Whether its shard is dead, and its memory lost. */
  get isOver(): boolean {
    return this.state === 'dead' || this.state === 'gone';
  }

  /** The shard processes its next post. @returns false if there is none, or the thread does not work */
  work(): boolean {
    const value = this.state === 'works' ? this.#nextPost() : undefined;
    if (value === undefined) return false;
    this.#posted = false;
    this.posts.turnBegins();
    this.shard.receive(received(value, this.#task.pools.toShard));
    this.worked++;
    return true;
  }

  /** A message of the lane wakes the thread. After that it takes posts, until it sleeps at the end of a turn. */
  #nextPost(): PostedValue | undefined {
    for (;;) {
      const value = this.#awake ? this.#shardEnd.next() : undefined;
      if (value !== undefined || this.#toShard.length === 0) return value;
      this.#awake = true;
      this.#shardEnd.arrived(this.#toShard.shift());
    }
  }

  /** Ends a turn of the thread. */
  endTurn(): void {
    this.halfEndTurn();
    if (this.#posted) this.halfEndTurn();
  }

  /** Ends a turn of the thread in two steps: it posts what it has to say, and sleeps. The main thread acts between. */
  halfEndTurn(): void {
    if (this.state !== 'works') return;
    if (this.#posted) this.#sleep();
    else this.#postOut();
  }

  #postOut(): void {
    this.shard.postOut();
    // Names whose mail has gone in a turn, as it was purged or has expired, are forgotten at its end.
    const { namesAway, heldMessages } = this.shard.stats();
    const most = this.#task.settings.maxNames + 1 + heldMessages;
    if (this.shard.begun && namesAway > most) this.#task.accuse(new Error(`${namesAway} names are away, not ${most}`));
    this.posts.turnEnds();
    this.#posted = !this.shard.drained;
    if (this.#posted) return;
    this.state = 'drained';
    this.#out.retire();
    this.#resolve(this.shard.stats());
  }

  #sleep(): void {
    this.#posted = false;
    this.#awake = !this.#shardEnd.sleep();
    const isDeaf = !this.#awake && this.#shardEnd.waiting && this.#toShard.length === 0;
    if (isDeaf) this.#task.accuse(new Error(`a post waits for shard ${this.#task.index}, which sleeps`));
  }

  /** Answers the control calls. @returns false if there is none */
  answerCalls(): boolean {
    const calls = this.state === 'works' ? this.#calls.splice(0) : [];
    for (const call of calls) call();
    return calls.length > 0;
  }

  /** The next message of the lane reaches the main thread. @returns false if there is none */
  handOver(): boolean {
    if (this.#toMain.length === 0) return false;
    this.#mainEnd.arrived(this.#toMain.shift());
    return true;
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

/** The end of a lane that posts to one queue and receives from another. */
function laneBetween(to: () => unknown[], from: () => unknown[]): MessageLane {
  return {
    postMessage: (message, transfer) => {
      to().push(structuredClone(message, { transfer: [...transfer] as ArrayBuffer[] }));
    },
    receive: () => from().shift(),
  };
}
