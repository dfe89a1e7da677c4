/** One shard as the main thread reaches it, in all its lives: its outbox and its current thread. */
import type { Outbox, PostTarget } from '../router/outbox.ts';
import { isLease, type OwnPost, type PostedValue, received } from '../shared/wire/batch.ts';
import type { ShardControl, ShardStats } from '../shared/wire/port/control.ts';
import { readToMain, type ToMainHandler } from '../shared/wire/read-to-main.ts';
import { putBegin } from '../shared/wire/to-shard.ts';
import type { ShardPools } from './memory-plan.ts';

/** The control calls of a shard that is up, as promises because the shard is in another thread. */
export type ShardCalls = {
  readonly [K in keyof ShardControl]: (
    ...values: Parameters<ShardControl[K]>
  ) => Promise<Awaited<ReturnType<ShardControl[K]>>>;
};

/** The thread of one life of a shard, as the main thread sees it. A simulation has no thread behind it. */
export interface ShardThread {
  /** The port on which the shard is posted to. */
  readonly target: PostTarget;
  readonly control: ShardCalls;
  /**
   * Passes on what the shard posts, as it arrives.
   * @param closed is called when the port is closed from the other end, which happens when the thread dies
   */
  listen(take: (value: PostedValue) => void, closed: () => void): void;
  /** Runs the shard. Resolves when the shard has drained, and rejects when it has crashed. Called once. */
  run(): Promise<ShardStats>;
  /** Takes the next value that the shard has posted and that was not passed on; undefined if there is none. */
  next(): PostedValue | undefined;
  /** Closes the ports. Nothing is passed on after this, and `closed` is not called for it. */
  close(): void;
}

/** One life of a shard, as `live` runs it. */
export interface ShardLife {
  readonly thread: ShardThread;
  /** The post that comes before all records that were gathered while the shard was down. */
  readonly first: OwnPost | undefined;
  /** Puts the records that come after those. */
  readonly begin: (outbox: Outbox) => void;
  /**
   * Called when everything that the shard posted has been handled, and before any `ask` that it did not answer
   * resolves.
   */
  readonly ended: () => void;
}

/** The link to one shard. */
export class ShardLink {
  readonly shard: number;
  readonly outbox: Outbox;
  readonly pools: ShardPools;
  readonly #handler: ToMainHandler;
  readonly #malformed: () => void;
  #control: ShardCalls | undefined;
  #lostBytes = 0;
  #answers = false;
  /** Resolves each question that is not answered yet. */
  readonly #due = new Set<() => void>();

  /** @param malformed is called for a batch with a broken record; the records before that one have been handled */
  constructor(shard: number, outbox: Outbox, pools: ShardPools, handler: ToMainHandler, malformed: () => void) {
    this.shard = shard;
    this.outbox = outbox;
    this.pools = pools;
    this.#handler = handler;
    this.#malformed = malformed;
  }

  /** The control calls of the shard; undefined while it is down. */
  get control(): ShardCalls | undefined {
    return this.#control;
  }

  /** Whether the shard has answered in this life. Before that it may have much to read in its store. */
  get answers(): boolean {
    return this.#answers;
  }

  /** The weight of the posts that the last life has not acknowledged, in bytes. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /**
   * Asks the shard.
   * @returns the answer; undefined if the shard is down, or crashes before it answers
   */
  ask<Answer>(question: (control: ShardCalls) => Promise<Answer>): Promise<Answer | undefined> {
    const control = this.#control;
    if (control === undefined) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => {
      const over = () => resolve(undefined);
      this.#due.add(over);
      question(control)
        .then(resolve, reject)
        .finally(() => this.#due.delete(over));
    });
  }

  /**
   * Runs one life of the shard, from its first post to its end.
   * @returns the last figures of the shard, which has drained
   * @throws the error of the thread if the shard has crashed
   */
  async live({ thread, first, begin, ended }: ShardLife): Promise<ShardStats> {
    this.#control = thread.control;
    this.#lostBytes = 0;
    // Records that are put after the thread is gone wait for the next life.
    thread.listen(this.#receive, this.#disconnect);
    // The record comes after all that was gathered while the shard was down, among which returns of older mail may be.
    putBegin(this.outbox.batch);
    this.outbox.connect(thread.target, first);
    begin(this.outbox);
    this.outbox.schedule();
    try {
      return await thread.run();
    } finally {
      this.#receiveRest(thread);
      this.#disconnect();
      this.pools.toShard.releaseAll();
      this.pools.toMain.releaseAll();
      this.#control = undefined;
      this.#answers = false;
      thread.close();
      ended();
      for (const over of this.#due) over();
      this.#due.clear();
    }
  }

  readonly #receive = (value: PostedValue): void => {
    const post = received(value, this.pools.toMain);
    this.#answers = true;
    if (!readToMain(post, this.#handler, this.pools.gatherer)) this.#malformed();
    if (isLease(post)) post.from.release(post.number);
  };

  /** What the shard posted before its end is still valid. */
  #receiveRest(thread: ShardThread): void {
    for (let left = thread.next(); left !== undefined; left = thread.next()) this.#receive(left);
  }

  readonly #disconnect = (): void => {
    this.#lostBytes += this.outbox.disconnect();
  };
}
