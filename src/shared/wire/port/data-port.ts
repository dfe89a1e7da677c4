/**
 * One end of the data port between the main thread and a shard: posts in both directions, each in order. A post in a
 * leased buffer is a number in a ring of shared memory (post-ring.ts). Any other post moves buffers, so it goes through
 * a MessagePort, which also wakes the other end where that sleeps. Every post says how many of the other kind came
 * before it, so that both kinds are taken in one order.
 *
 * Measured against a port alone: two peers that write to each other wait two thirds of the time.
 */
import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads';
import type { PostRing } from '../../memory/post-ring.ts';
import type { PostedValue } from '../batch.ts';

/** The part of a MessagePort that posts and takes. A simulation passes in its own. */
export interface MessageLane {
  postMessage(message: unknown, transfer: readonly ArrayBuffer[]): void;
  /** Takes the next message that has arrived, for which there is no event then; undefined if there is none. */
  receive(): unknown;
}

/** What wakes the other end. It is no post. */
const WAKE = null;
const NOTHING_MOVED: readonly ArrayBuffer[] = [];

/** A post through the lane. `after` is how many numbers were put into the ring before it, modulo 2^32. */
interface LanePost {
  readonly after: number;
  readonly value: PostedValue;
}

/** One end. */
export class DataPort {
  readonly #lane: MessageLane;
  readonly #out: PostRing;
  readonly #in: PostRing;
  /** How many posts went through the lane, and how many of those that came through it were taken, modulo 2^32. */
  #lanePosts = 0;
  #laneTaken = 0;
  /** Posts that have come through the lane before numbers in front of them were taken. */
  readonly #early: LanePost[] = [];

  /**
   * @param out the ring that this end fills
   * @param into the ring that this end takes from
   */
  constructor(lane: MessageLane, out: PostRing, into: PostRing) {
    this.#lane = lane;
    this.#out = out;
    this.#in = into;
  }

  /** Posts a value. */
  postMessage(value: PostedValue, transfer: readonly ArrayBuffer[]): void {
    if (typeof value === 'number' && this.#out.tryPut(value, this.#lanePosts)) {
      if (this.#out.mustWake()) this.#lane.postMessage(WAKE, NOTHING_MOVED);
      return;
    }
    const post: LanePost = { after: this.#out.put, value };
    this.#lane.postMessage(post, transfer);
    this.#lanePosts = (this.#lanePosts + 1) | 0;
  }

  /** To be called with each message for which the lane has an event. Then `next` must be called until it has none. */
  arrived(message: unknown): void {
    if (message !== WAKE) this.#early.push(message as LanePost);
  }

  /** @returns the next post; undefined if none has arrived */
  next(): PostedValue | undefined {
    const first = this.#early[0];
    if (first !== undefined && first.after === this.#in.taken) return this.#takeEarly();
    if (!this.#in.waiting) return undefined;
    if (this.#in.stamp === this.#laneTaken) return this.#in.take();
    return this.#receiveEarly() ? this.#takeEarly() : undefined;
  }

  /** Takes all posts that have arrived. */
  takeAll(take: (value: PostedValue) => void): void {
    for (let value = this.next(); value !== undefined; value = this.next()) take(value);
  }

  /** Whether a number waits. Posts through the lane are not looked for. */
  get waiting(): boolean {
    return this.#in.waiting;
  }

  /**
   * Says that this end sleeps until the lane has an event.
   * @returns false if a post waits after all, and `next` must be called again; true also if a number waits for a post
   *   that the lane will have an event for
   */
  sleep(): boolean {
    return this.#in.sleep() || this.#isBehindLane();
  }

  /** Says that this end will call `next` soon without being woken. */
  stayAwake(): void {
    this.#in.stayAwake();
  }

  /** Whether the number that waits comes after a post that the lane does not have yet, and will have an event for. */
  #isBehindLane(): boolean {
    return this.#in.stamp !== this.#laneTaken && !this.#receiveEarly();
  }

  /** Looks for a post in the lane. A post is there before numbers that come after it are in the ring. */
  #receiveEarly(): boolean {
    while (this.#early.length === 0) {
      const message = this.#lane.receive();
      if (message === undefined) return false;
      this.arrived(message);
    }
    return true;
  }

  #takeEarly(): PostedValue | undefined {
    this.#laneTaken = (this.#laneTaken + 1) | 0;
    return this.#early.shift()?.value;
  }
}

/** @returns a MessagePort as a lane */
export function laneOf(port: MessagePort): MessageLane {
  return {
    postMessage: (message, transfer) => port.postMessage(message, transfer as ArrayBuffer[]),
    receive: () => receiveMessageOnPort(port)?.message,
  };
}
