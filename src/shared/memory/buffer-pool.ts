/**
 * A pool of buffers of one size in the arena. One thread fills a buffer and another reads it. The buffer belongs to the
 * filler until it is acquired for the reader, by the message that is posted. It belongs to the reader until it is
 * released, by its flag. So nobody fills a buffer that is read, and the message and the flag order the accesses. (Where
 * frames are delivered in place, the filler reads it too, and releases it.)
 */
import { type Arena, placeBytes } from './arena.ts';
import type { Memory } from './memory.ts';

const LEASED = 1;
const FREE = 0;

/** Where a pool is, for the thread at the other end. */
export interface PoolPlace {
  readonly at: number;
  readonly flagsAt: number;
  readonly count: number;
  readonly bufferBytes: number;
}

/** A batch in a leased buffer, from byte `start` to before byte `end` of the memory. */
export interface Lease {
  readonly from: BufferPool;
  readonly number: number;
  readonly memory: Memory;
  readonly start: number;
  readonly end: number;
  /** The buffers that records refer to, which move with the batch (OwnPost). */
  readonly moved: readonly ArrayBuffer[];
}

/** A pool, as the thread at either end sees it. */
export class BufferPool {
  readonly memory: Memory;
  readonly place: PoolPlace;

  constructor(memory: Memory, place: PoolPlace) {
    this.memory = memory;
    this.place = place;
  }

  /** @returns the bytes that a pool takes in an arena */
  static bytes(count: number, bufferBytes: number): number {
    return placeBytes(count * Int32Array.BYTES_PER_ELEMENT) + placeBytes(count * bufferBytes);
  }

  /** Allocates a pool in an arena. */
  static in(arena: Arena, count: number, bufferBytes: number): BufferPool {
    const flagsAt = arena.allocate(count * Int32Array.BYTES_PER_ELEMENT);
    return new BufferPool(arena.memory, { at: arena.allocate(count * bufferBytes), flagsAt, count, bufferBytes });
  }

  /**
   * @returns the number of the first free buffer, or -1. The first is taken so that few buffers are in use,
   *   and those stay in the cache of the processor.
   */
  free(): number {
    for (let number = 0; number < this.place.count; number++) {
      if (!this.#isLeased(number)) return number;
    }
    return -1;
  }

  /** How many buffers are leased. */
  get leasedCount(): number {
    let count = 0;
    for (let number = 0; number < this.place.count; number++) {
      if (this.#isLeased(number)) count++;
    }
    return count;
  }

  /** @returns the first byte of a buffer */
  startOf(number: number): number {
    return this.place.at + number * this.place.bufferBytes;
  }

  /** @returns a lease of the first `bytes` bytes of a buffer */
  lease(number: number, bytes: number, moved: readonly ArrayBuffer[]): Lease {
    const start = this.startOf(number);
    return { from: this, number, memory: this.memory, start, end: start + bytes, moved };
  }

  /** Called by the filler: the reader acquires a buffer. The message about it must be posted after this. */
  acquire(number: number): void {
    Atomics.store(this.memory.words, this.#flag(number), LEASED);
  }

  /** Called by the thread that reads a buffer last: releases it. @returns false if there is no such buffer */
  release(number: number): boolean {
    if (!(number >= 0 && number < this.place.count)) return false;
    Atomics.store(this.memory.words, this.#flag(number), FREE);
    return true;
  }

  /** Releases all buffers, because the thread at the other end is gone. */
  releaseAll(): void {
    for (let number = 0; number < this.place.count; number++) if (this.#isLeased(number)) this.release(number);
  }

  #isLeased(number: number): boolean {
    return Atomics.load(this.memory.words, this.#flag(number)) === LEASED;
  }

  #flag(number: number): number {
    return (this.place.flagsAt >> 2) + number;
  }
}
