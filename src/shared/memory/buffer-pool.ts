/**
 * Buffers of one size in the arena that one thread fills and another reads. A buffer is the filler's until it is lent,
 * with the word that is posted, and the reader's until it is given back, by its flag. So at no time two threads look at
 * it, and the post and the flag are what orders their looks.
 */
import { type Arena, placeBytes } from './arena.ts';
import type { Memory } from './memory.ts';

const LENT = 1;
const AT_HOME = 0;

/** Where the buffers lie, for the thread at the other end. */
export interface LendingPlace {
  readonly at: number;
  readonly flagsAt: number;
  readonly count: number;
  readonly bufferBytes: number;
}

/** A batch in a lent buffer, from byte `start` to byte `end` of the memory. */
export interface Loan {
  readonly from: LentBuffers;
  readonly number: number;
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
  /** As in OwnPost. */
  readonly moved: readonly ArrayBuffer[];
}

export class LentBuffers {
  readonly memory: Memory;
  readonly place: LendingPlace;

  constructor(memory: Memory, place: LendingPlace) {
    this.memory = memory;
    this.place = place;
  }

  /** What `count` buffers take of an arena. */
  static bytes(count: number, bufferBytes: number): number {
    return placeBytes(count * Int32Array.BYTES_PER_ELEMENT) + placeBytes(count * bufferBytes);
  }

  static in(arena: Arena, count: number, bufferBytes: number): LentBuffers {
    const flagsAt = arena.allocate(count * Int32Array.BYTES_PER_ELEMENT);
    return new LentBuffers(arena.memory, { at: arena.allocate(count * bufferBytes), flagsAt, count, bufferBytes });
  }

  /**
   * The number of the first buffer that is at home, so that few are in use and those in the processor's cache; or -1.
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

  /** The first byte of a buffer. */
  startOf(number: number): number {
    return this.place.at + number * this.place.bufferBytes;
  }

  /** The batch of the first `bytes` bytes of a buffer. */
  loan(number: number, bytes: number, moved: readonly ArrayBuffer[]): Loan {
    const start = this.startOf(number);
    return { from: this, number, memory: this.memory, start, end: start + bytes, moved };
  }

  /** The filler lends a buffer; what it says of it must follow. */
  lend(number: number): void {
    Atomics.store(this.memory.words, this.#flag(number), LENT);
  }

  /** The reader looks at it no more. */
  giveBack(number: number): void {
    Atomics.store(this.memory.words, this.#flag(number), AT_HOME);
  }

  /** The thread at the other end is gone: all are at home. */
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
