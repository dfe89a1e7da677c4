/**
 * A pool of buffers of one size in the arena. One thread fills a buffer and another reads it. The buffer belongs to the
 * filler until it is lent, by the message that is posted, and to the reader until it is returned, by its flag. So no
 * two threads use a buffer at the same time, and the message and the flag order their accesses.
 */
import { type Arena, placeBytes } from './arena.ts';
import type { Memory } from './memory.ts';

const LENT = 1;
const AT_HOME = 0;

/** Where a pool is, for the thread at the other end. */
export interface LendingPlace {
  readonly at: number;
  readonly flagsAt: number;
  readonly count: number;
  readonly bufferBytes: number;
}

/** A batch in a lent buffer, from byte `start` to before byte `end` of the memory. */
export interface Loan {
  readonly from: LentBuffers;
  readonly number: number;
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
  /** The buffers that records refer to, which move with the batch (OwnPost). */
  readonly moved: readonly ArrayBuffer[];
}

/** A pool, as the thread at either end sees it. */
export class LentBuffers {
  readonly memory: Memory;
  readonly place: LendingPlace;

  constructor(memory: Memory, place: LendingPlace) {
    this.memory = memory;
    this.place = place;
  }

  /** @returns the bytes that a pool takes in an arena */
  static bytes(count: number, bufferBytes: number): number {
    return placeBytes(count * Int32Array.BYTES_PER_ELEMENT) + placeBytes(count * bufferBytes);
  }

  /** Allocates a pool in an arena. */
  static in(arena: Arena, count: number, bufferBytes: number): LentBuffers {
    const flagsAt = arena.allocate(count * Int32Array.BYTES_PER_ELEMENT);
    return new LentBuffers(arena.memory, { at: arena.allocate(count * bufferBytes), flagsAt, count, bufferBytes });
  }

  /**
   * @returns the number of the first buffer that is not lent, or -1. The first is taken so that few buffers are in use,
   *   and those stay in the cache of the processor.
   */
  free(): number {
    for (let number = 0; number < this.place.count; number++) {
      if (!this.#isLent(number)) return number;
    }
    return -1;
  }

  /** How many buffers are lent. */
  get lentOut(): number {
    let count = 0;
    for (let number = 0; number < this.place.count; number++) {
      if (this.#isLent(number)) count++;
    }
    return count;
  }

  /** @returns the first byte of a buffer */
  startOf(number: number): number {
    return this.place.at + number * this.place.bufferBytes;
  }

  /** @returns the loan of the first `bytes` bytes of a buffer */
  loan(number: number, bytes: number, moved: readonly ArrayBuffer[]): Loan {
    const start = this.startOf(number);
    return { from: this, number, memory: this.memory, start, end: start + bytes, moved };
  }

  /** Called by the filler: lends a buffer. The message about it must be posted after this. */
  lend(number: number): void {
    Atomics.store(this.memory.words, this.#flag(number), LENT);
  }

  /** Called by the reader: returns a buffer, which it does not read any more. */
  giveBack(number: number): void {
    Atomics.store(this.memory.words, this.#flag(number), AT_HOME);
  }

  /** Takes all buffers back, because the thread at the other end is gone. */
  giveBackAll(): void {
    for (let number = 0; number < this.place.count; number++) if (this.#isLent(number)) this.giveBack(number);
  }

  #isLent(number: number): boolean {
    return Atomics.load(this.memory.words, this.#flag(number)) === LENT;
  }

  #flag(number: number): number {
    return (this.place.flagsAt >> 2) + number;
  }
}
