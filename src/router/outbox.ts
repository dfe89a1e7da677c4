/**
 * The outbox of one shard. It gathers records during a turn of the event loop, or until the shard has answered, and
 * posts them as one batch. It adds the back-pressure that a MessagePort does not have.
 */
import type { BufferPool } from '../shared/memory/buffer-pool.ts';
import {
  BatchBuilder,
  FULL_BATCH_BYTES,
  type Post,
  type PostedValue,
  posted,
  postWeight,
} from '../shared/wire/batch.ts';
import { CostMark } from './cost-mark.ts';
import { WaitingSenders } from './waiting-senders.ts';

/**
 * High-water mark: above this weight of posts that are not acknowledged, and records that are gathered, senders wait.
 * It is a full batch and some more. Measured: with 1 MiB, messages of 2,000 bytes wait two to four times as long (p99),
 * in 1.6 times the memory; with 300 KiB they are 0.6 times as fast. Small messages come near the mark only if the shard
 * is slow.
 */
export const HIGH_WATER_BYTES = 640 * 1024;
/** Low-water mark: below this all senders that wait continue; above it, one for each answer of the shard. */
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

/** A line of no more cost than this is a light one. Light lines have some room of their own above the marks. */
export const LIGHT_COST_BYTES = 4 * 1024;
const LIGHT_ROOM_BYTES = 128 * 1024;
/** What one name costs in addition to the bytes of its frame: a look-up, an entry, a record on disk. */
export const NAME_COST_BYTES = 256;

/** A post that the shard has not acknowledged. */
interface Unacknowledged {
  readonly bytes: number;
  readonly cost: number;
  readonly postedAt: number;
}

/** The port that is posted to. */
export interface PostTarget {
  postMessage(value: PostedValue, transfer: readonly ArrayBuffer[]): void;
}

/** The records for one shard, in all its lives. */
export class Outbox {
  readonly batch: BatchBuilder;
  readonly #endOfTurn: (step: () => void) => void;
  #port: PostTarget | undefined;
  #unacknowledgedBytes = 0;
  /**
   * The cost of the batch that is gathered, and of the posts that are not acknowledged. The latter are in `#underWay`,
   * oldest first. The cost is what a shard makes of a post, in memory and in time: the bytes of a message count for
   * each name. Its high-water mark is `#costMark`.
   */
  #batchCost = 0;
  #underWayCost = 0;
  #underWay: Unacknowledged[] = [];
  /** The acknowledged bytes of the oldest of those posts. */
  #workedBytes = 0;
  readonly #costMark = new CostMark();
  readonly #now: () => number;
  #scheduled = false;
  /**
   * Until the shard answers a post, only full batches are posted. Measured: without this a burst is 0.95 times as fast.
   */
  #answerDue = false;
  #posts = 0;
  #postedBytes = 0;
  readonly #waiting = new WaitingSenders();

  /**
   * @param endOfTurn calls a step when the turn of the event loop is over
   * @param pool the buffers to gather batches in, if there are any for this shard
   * @param now a monotonic clock, in milliseconds
   */
  constructor(
    endOfTurn: (step: () => void) => void = setImmediate,
    pool?: BufferPool,
    now: () => number = () => performance.now(),
  ) {
    this.#endOfTurn = endOfTurn;
    this.#now = now;
    this.batch = new BatchBuilder(pool);
  }

  /** Whether lines that are not light must wait for this shard. */
  get congested(): boolean {
    return !this.hasRoom(Number.POSITIVE_INFINITY);
  }

  /** Whether a line of this cost may be sent now. */
  hasRoom(costBytes: number): boolean {
    const room = costBytes > LIGHT_COST_BYTES ? 0 : LIGHT_ROOM_BYTES;
    return (
      this.#unacknowledgedBytes + this.batch.used <= HIGH_WATER_BYTES + room &&
      this.#underWayCost + this.#batchCost <= this.#costMark.bytes + room
    );
  }

  /** Counts the cost of the records that are put next. */
  charge(bytes: number): void {
    this.#batchCost += bytes;
  }

  /** The number of posts so far. A record that is put now has been posted once this has grown. */
  get posts(): number {
    return this.#posts;
  }

  /** The weight of all posts so far, in bytes. */
  get postedBytes(): number {
    return this.#postedBytes;
  }

  /** The weight of the posts that the shard has not acknowledged, in bytes. */
  get unacknowledgedBytes(): number {
    return this.#unacknowledgedBytes;
  }

  /** Whether any session waits for this shard. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Calls `resume` once, when the shard has caught up and the sessions before have had their turn. */
  waitFor(resume: () => void, costBytes: number): void {
    this.#waiting.add(resume, costBytes > LIGHT_COST_BYTES);
  }

  /** Withdraws `resume`, which is not called any more then. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }

  /**
   * Schedules the post of what was gathered. A large batch is posted at once. Another one is posted at the end of the
   * turn or, if the answer to a post is due, at the end of the turn in which it comes.
   */
  schedule(): void {
    // The shard can begin with a part then, and its answer tells how long that takes.
    const asksMuch = this.#batchCost * 2 >= this.#costMark.bytes;
    if (this.batch.used >= FULL_BATCH_BYTES || asksMuch) this.#postBatch();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#endOfTurn(this.#atEndOfTurn);
    }
  }

  /** The shard is up. Posts `first`, then all that was gathered while it was down. */
  connect(port: PostTarget, first: Post | undefined): void {
    this.#port = port;
    if (first !== undefined) this.#post(port, first, 0);
    this.schedule();
    this.#wake();
  }

  /** The shard is down. @returns the weight of the posts that were lost: those that it had not acknowledged */
  disconnect(): number {
    const lostBytes = this.#unacknowledgedBytes;
    this.#port = undefined;
    this.#answerDue = false;
    this.#unacknowledgedBytes = 0;
    this.#underWayCost = 0;
    this.#underWay = [];
    this.#workedBytes = 0;
    return lostBytes;
  }

  /** The shard has answered a post. @param bytes the weight that it has processed since its last answer */
  acknowledge(bytes: number): void {
    this.#unacknowledgedBytes = Math.max(0, this.#unacknowledgedBytes - bytes);
    this.#answerDue = false;
    this.#workedOff(bytes);
    if (this.batch.used > 0) this.schedule();
    this.#wake();
  }

  /** A shard answers posts whole and in order, so the oldest ones are done. */
  #workedOff(bytes: number): void {
    this.#workedBytes += bytes;
    let posts = 0;
    for (const post of this.#underWay) {
      if (post.bytes > this.#workedBytes) break;
      this.#workedBytes -= post.bytes;
      this.#underWayCost -= post.cost;
      if (post.cost > 0) this.#costMark.answered(post.postedAt, this.#now());
      posts++;
    }
    if (posts < this.#underWay.length) this.#underWay.splice(0, posts);
    else {
      this.#underWay.length = 0;
      this.#workedBytes = 0;
    }
  }

  /**
   * Lets sessions continue in turn, as long as there is room. A session that has to wait again is last. Above the
   * low-water mark one continues for each answer of the shard: otherwise sessions that never had to wait could hold the
   * level above that mark for ever.
   */
  #wake(): void {
    if (!this.hasWaiting) return;
    const low =
      this.#unacknowledgedBytes + this.batch.used <= LOW_WATER_BYTES &&
      this.#underWayCost + this.#batchCost <= this.#costMark.bytes / 2;
    for (let left = low ? this.#waiting.size : 1; left > 0 && this.hasRoom(0); left--) {
      const resume = this.#waiting.take(this.congested);
      if (resume === undefined) return;
      resume();
    }
  }

  readonly #atEndOfTurn = (): void => {
    this.#scheduled = false;
    if (!this.#answerDue) this.#postBatch();
  };

  #postBatch(): void {
    if (this.#port === undefined) return;
    const post = this.batch.take();
    if (post === undefined) return;
    this.#answerDue = true;
    this.#post(this.#port, post, this.#batchCost);
    this.#batchCost = 0;
  }

  #post(port: PostTarget, post: Post, cost: number): void {
    const bytes = postWeight(post);
    this.#posts++;
    this.#postedBytes += bytes;
    this.#unacknowledgedBytes += bytes;
    this.#underWayCost += cost;
    this.#underWay.push({ bytes, cost, postedAt: cost > 0 ? this.#now() : 0 });
    port.postMessage(...posted(post));
  }
}
