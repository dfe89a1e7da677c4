/**
 * The wait for the next post. A thread that sleeps is woken through the kernel, and for one message on an idle machine
 * the wakes take longer than all the rest. So a shard that has answered one or two records, close behind those before,
 * looks for the next for a moment before it sleeps. (Measured with two cores: two peers that write to one another wait
 * 55 to 70 µs instead of 105 to 120, for the same processor time a message. With larger posts, or without a core to
 * spare, it costs more than it gains.)
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import { BatchCursor, type Post, type PostedValue } from '../../src/shared/wire/batch.ts';

const POLL_MS = 0.08;
/** Posts that come further apart than this are too few for a look ahead to pay. */
const CLOSE_MS = 0.2;
const FEW_RECORDS = 2;
/** So many posts in a row are taken before timers, the store and the control port have their turn. */
const MAX_IN_A_ROW = 64;

export class PostPoll {
  readonly #port: MessagePort;
  readonly #now: () => number;
  #records = 0;
  #receivedAt = 0;
  #answeredAt = Number.NEGATIVE_INFINITY;
  #inARow = 0;

  /** @param now milliseconds, of a clock that only rises */
  constructor(port: MessagePort, now: () => number = () => performance.now()) {
    this.#port = port;
    this.#now = now;
  }

  /** Notes what was received, by this poll or by the event loop. */
  note(post: Post): void {
    if (this.#records === 0) this.#receivedAt = this.#now();
    const cursor = new BatchCursor(post);
    while (this.#records <= FEW_RECORDS && cursor.next()) this.#records++;
  }

  /** All that was received is answered. @returns the next post, if one comes at once and it is worth a look */
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
