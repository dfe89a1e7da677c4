/** One shard as the main thread reaches it: its outbox, and the thread it lives in, through all its lives. */
import type { Outbox, PostTarget } from '../router/outbox.ts';
import { isLoan, type OwnPost, type PostedValue, received } from '../shared/wire/batch.ts';
import type { ShardControl, ShardStats } from '../shared/wire/control.ts';
import { readToMain, type ToMainHandler } from '../shared/wire/to-main.ts';
import { putBegin } from '../shared/wire/to-shard.ts';
import type { Lending } from './memory-plan.ts';

/** What can be asked of a shard that is there: as its control, from another thread. */
export type ShardCalls = {
  readonly [K in keyof ShardControl]: (
    ...values: Parameters<ShardControl[K]>
  ) => Promise<Awaited<ReturnType<ShardControl[K]>>>;
};

/** The thread of one life of a shard, as the main thread sees it; in simulations it is none. */
export interface ShardThread {
  /** What the shard is posted to. */
  readonly target: PostTarget;
  readonly control: ShardCalls;
  /**
   * Hands over what the shard posts, as it comes.
   * @param closed called when the shard's end of the port is closed: a thread that dies closes it
   */
  listen(take: (value: PostedValue) => void, closed: () => void): void;
  /** Runs the shard. Resolves when it has drained, rejects when it has crashed. Called once. */
  run(): Promise<ShardStats>;
  /** Takes what the shard has posted and was not handed over yet, one by one. */
  next(): PostedValue | undefined;
  /** Closes the ports; nothing is handed over any more, and `closed` is not called for it. */
  close(): void;
}

/** One life of a shard. */
export interface ShardLife {
  readonly thread: ShardThread;
  /** What the shard is told before all that was gathered while it was not there. */
  readonly first: OwnPost | undefined;
  /** Puts what the shard is told behind that. */
  readonly begin: (outbox: Outbox) => void;
  /** Called when all that the shard said has been heard; before anybody who has asked it something goes on. */
  readonly ended: () => void;
}

export class ShardLink {
  readonly shard: number;
  readonly outbox: Outbox;
  readonly lending: Lending;
  readonly #handler: ToMainHandler;
  readonly #malformed: () => void;
  #control: ShardCalls | undefined;
  #lostBytes = 0;
  #answers = false;
  /** Ends the wait for each answer that is due. */
  readonly #due = new Set<() => void>();

  /** @param malformed called for a batch that is none; nothing of it counts from where it is wrong */
  constructor(shard: number, outbox: Outbox, lending: Lending, handler: ToMainHandler, malformed: () => void) {
    this.shard = shard;
    this.outbox = outbox;
    this.lending = lending;
    this.#handler = handler;
    this.#malformed = malformed;
  }

  /** The shard's control; undefined while it is down. */
  get control(): ShardCalls | undefined {
    return this.#control;
  }

  /** Whether the shard has answered in this life: before that it may have much to read in its store. */
  get answers(): boolean {
    return this.#answers;
  }

  /** Bytes that were posted to the shard's last life and not worked off. */
  get lostBytes(): number {
    return this.#lostBytes;
  }

  /**
   * Asks the shard.
   * @returns undefined if it is not there, or crashes meanwhile: then it never answers
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

  /** One life of the shard, from its first post to its end. */
  async live({ thread, first, begin, ended }: ShardLife): Promise<ShardStats> {
    this.#control = thread.control;
    this.#lostBytes = 0;
    // What is put once the thread is gone waits for the next life.
    thread.listen(this.#receive, this.#disconnect);
    // Behind all that was put while no shard was there, which may be mail that comes back to its old place.
    putBegin(this.outbox.batch);
    this.outbox.connect(thread.target, first);
    begin(this.outbox);
    this.outbox.schedule();
    try {
      return await thread.run();
    } finally {
      this.#receiveRest(thread);
      this.#disconnect();
      this.lending.toShard.giveBackAll();
      this.lending.toMain.giveBackAll();
      this.#control = undefined;
      this.#answers = false;
      thread.close();
      ended();
      for (const over of this.#due) over();
      this.#due.clear();
    }
  }

  readonly #receive = (value: PostedValue): void => {
    const post = received(value, this.lending.toMain);
    this.#answers = true;
    if (!readToMain(post, this.#handler)) this.#malformed();
    if (isLoan(post)) post.from.giveBack(post.number);
  };

  /** What the shard said before it ended still holds. */
  #receiveRest(thread: ShardThread): void {
    for (let left = thread.next(); left !== undefined; left = thread.next()) this.#receive(left);
  }

  readonly #disconnect = (): void => {
    this.#lostBytes += this.outbox.disconnect();
  };
}
