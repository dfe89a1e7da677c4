/**
 * The wait for the next post. Waking a sleeping thread goes through the kernel, and on an idle machine the wake-ups of
 * one message take longer than everything else. So a shard that has answered one or two records polls its port for a
 * moment before it sleeps, if they came soon after the previous answer.
 *
 * Measured with two cores: two peers that write to each other wait 55 to 70 µs instead of 105 to 120, for the same
 * processor time a message. With larger posts, or without a core to spare, polling costs more than it gains.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { BatchCursor, type Post, type PostedValue } from '../../src/shared/wire/batch.ts';

const POLL_MS = 0.08;
/** If a post comes later than this after the previous answer, polling does not pay. */
const CLOSE_MS = 0.2;
const FEW_RECORDS = 2;
/** After so many polled posts in a row the event loop runs, for timers, the store and the control port. */
const MAX_IN_A_ROW = 64;

export class PostPoll {
  readonly #port: MessagePort;
  readonly #now: () => number;
  #records = 0;
  #receivedAt = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #inARow = 0;

  /** @param now a monotonic clock, in milliseconds */
  constructor(port: MessagePort, now: () => number = () => performance.now()) {
    this.#port = port;
    this.#now = now;
  }

  /** Counts the records of a received post, whether it came from this poll or from the event loop. */
  note(post: Post): void {
    if (this.#records === 0) this.#receivedAt = this.#now();
    const cursor = new BatchCursor(post);
    while (this.#records <= FEW_RECORDS && cursor.next()) this.#records++;
  }

  /**
   * To be called when everything received is answered. @returns the next post, if polling pays and a post comes in time
   */
  next(): PostedValue | undefined {
    const now = this.#now();
    const close = this.#records > 0 && this.#receivedAt - this.#answeredAt < CLOSE_MS;
    const few = this.#records <= FEW_RECORDS;
    this.#answeredAt = now;
    this.#records = 0;
    const value = close && few && this.#inARow < MAX_IN_A_ROW ? this.#poll(now + POLL_MS) : undefined;
    this.#inARow = value === undefined ? 0 : this.#inARow + 1;
    return value;
  }

  #poll(until: number): PostedValue | undefined {
    do {
      const found = receiveMessageOnPort(this.#port);
      if (found !== undefined) return found.message as PostedValue;
    } while (this.#now() < until);
    return undefined;
  }
}
