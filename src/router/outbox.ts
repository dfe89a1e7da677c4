/**
 * What waits to be posted to one shard: gathered during a turn of the event loop, or until the shard has answered, and
 * posted at once, with the back-pressure that a MessagePort does not have.
 */
import type { MessagePort } from 'node:worker_threads';
import type { LentBuffers } from '../shared/memory/buffer-pool.ts';
import { BatchBuilder, FULL_BATCH_BYTES, type Post, posted, postWeight } from '../shared/wire/batch.ts';
import { CongestedSenders } from './congested-senders.ts';
import { CostMark } from './cost-mark.ts';

/**
 * Past this many bytes posted and not worked off, or gathered, who feeds the shard must wait: a full batch, and some
 * more. Measured: with 1 MiB, messages of 2,000 bytes wait two to four times as long (p99), in 1.6 times the memory;
 * with 300 KiB they are 0.6 times as fast. Small ones come near it only where the shard does not follow.
 */
export const HIGH_WATER_BYTES = 640 * 1024;
const LOW_WATER_BYTES = HIGH_WATER_BYTES / 2;

/** A line that asks for no more than this is a light one: it has some room of its own above the marks. */
export const LIGHT_COST_BYTES = 4 * 1024;
const LIGHT_ROOM_BYTES = 128 * 1024;
/**
 * What one more name of a list is counted to cost beside the bytes of its frame: a look-up, a place, a record on disk.
 */
export const NAME_COST_BYTES = 256;

/** A post that is not worked off yet. */
interface Unacknowledged {
  readonly bytes: number;
  readonly cost: number;
  readonly postedAt: number;
}

/** What is posted to. */
export type PostTarget = Pick<MessagePort, 'postMessage'>;

export class Outbox {
  readonly batch: BatchBuilder;
  readonly #endOfTurn: (step: () => void) => void;
  #port: PostTarget | undefined;
  #unacknowledgedBytes = 0;
  /**
   * What lists ask for, the bytes of a message once for each name it goes to: those in the batch at hand, and those in
   * the posts that are not worked off, which are in `#underWay`, oldest first. It is what a shard makes of posts, in
   * memory and in time, and it has a high-water mark too: `#costMark`.
   */
  #batchCost = 0;
  #underWayCost = 0;
  #underWay: Unacknowledged[] = [];
  /** Bytes that are worked off of the oldest of them. */
  #workedBytes = 0;
  readonly #costMark = new CostMark();
  readonly #now: () => number;
  #scheduled = false;
  /**
   * From a post until the shard's next answer only full batches are posted. Without that a burst is 0.95 times as fast.
   */
  #answerDue = false;
  #posts = 0;
  readonly #waiting = new CongestedSenders();

  /**
   * @param endOfTurn calls a step when the turn of the event loop is over
   * @param lent the buffers that batches are gathered in, if they are lent to the shard
   * @param now milliseconds, of a clock that only rises
   */
  constructor(
    endOfTurn: (step: () => void) => void = setImmediate,
    lent?: LentBuffers,
    now: () => number = () => performance.now(),
  ) {
    this.#endOfTurn = endOfTurn;
    this.#now = now;
    this.batch = new BatchBuilder(lent);
  }

  /** Whether who feeds this shard much must wait. */
  get congested(): boolean {
    return !this.hasRoom(Number.POSITIVE_INFINITY);
  }

  /** Whether a line that asks for `costBytes` may be put. */
  hasRoom(costBytes: number): boolean {
    const room = costBytes > LIGHT_COST_BYTES ? 0 : LIGHT_ROOM_BYTES;
    return (
      this.#unacknowledgedBytes + this.batch.used <= HIGH_WATER_BYTES + room &&
      this.#underWayCost + this.#batchCost <= this.#costMark.bytes + room
    );
  }

  /** What is put next asks for `bytes` beside its own. */
  charge(bytes: number): void {
    this.#batchCost += bytes;
  }

  /** Posts made so far: what is put now is posted once this has grown. */
  get posts(): number {
    return this.#posts;
  }

  /** Bytes posted and not worked off yet. */
  get unacknowledgedBytes(): number {
    return this.#unacknowledgedBytes;
  }

  /** Whether somebody waits for the shard to catch up. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Calls `resume` once when the shard has caught up and those before have had their turn. */
  waitFor(resume: () => void, costBytes: number): void {
    this.#waiting.add(resume, costBytes > LIGHT_COST_BYTES);
  }

  /** `resume` need not be called any more. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }

  /**
   * Sees to it that what was put in the batch is posted: at once if it is much, or else at the end of this turn, or of
   * the one in which the shard has answered the post before.
   */
  schedule(): void {
    // So that the shard can begin, and its answer says how long it takes.
    const asksMuch = this.#batchCost * 2 >= this.#costMark.bytes;
    if (this.batch.used >= FULL_BATCH_BYTES || asksMuch) this.#postBatch();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      this.#endOfTurn(this.#atEndOfTurn);
    }
  }

  /** The shard is there: posts `first`, then all that was gathered while it was not. */
  connect(port: PostTarget, first: Post | undefined): void {
    this.#port = port;
    if (first !== undefined) this.#post(port, first, 0);
    this.schedule();
    this.#wake();
  }

  /** The shard is gone. @returns the bytes that went with it: posted, and not worked off */
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

  /** The shard has answered a post, and has worked off `bytes` more. */
  acknowledge(bytes: number): void {
    this.#unacknowledgedBytes = Math.max(0, this.#unacknowledgedBytes - bytes);
    this.#answerDue = false;
    this.#workedOff(bytes);
    if (this.batch.used > 0) this.schedule();
    this.#wake();
  }

  /** Posts are answered whole and in order, so what is worked off by now is the oldest of them. */
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
   * In turn, and no more than there is room for. Those that have to wait again come last. Above the low-water mark one
   * goes for each answer of the shard: others that never had to wait could keep it above that for ever.
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
    this.#unacknowledgedBytes += bytes;
    this.#underWayCost += cost;
    this.#underWay.push({ bytes, cost, postedAt: cost > 0 ? this.#now() : 0 });
    port.postMessage(...posted(post));
  }
}
