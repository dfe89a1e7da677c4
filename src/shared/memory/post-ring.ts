/**
 * A ring of numbers in the arena: one thread puts them, and another takes them, in order. That costs no call into Node
 * and no wake-up, as long as the taker is awake. Before the taker sleeps it says so in the ring.
 *
 * What must be true (I27): no number waits for a taker that sleeps. The filler puts a number before it asks whether the
 * taker sleeps. The taker says that it sleeps before it looks for a number once more. All of these are atomic, so at
 * least one of the two sees the other.
 */
import { type Arena, placeBytes } from './arena.ts';
import type { Memory } from './memory.ts';

/** More numbers than this do not wait in a ring. It is a power of two, so that counts may wrap around at 2^32. */
const CAPACITY = 64;
/**
 * The words of a ring. Each of the first three is in a cache line of its own, because the threads write to different
 * ones.
 */
const PUT = 0;
const TAKEN = 32;
const ASLEEP = 64;
const ENTRIES = 96;
/** Each entry is a number in two halves, and the stamp that was put with it. */
const ENTRY = { high: 0, low: 1, stamp: 2, words: 4 } as const;
const HALF = 2 ** 24;
const WORDS = ENTRIES + CAPACITY * ENTRY.words;

/** A ring, as the thread at either end sees it. */
export class PostRing {
  /** The bytes that a ring takes in an arena. */
  static readonly BYTES = placeBytes(WORDS * Int32Array.BYTES_PER_ELEMENT);
  /** Its first byte, from which the other thread finds it. */
  readonly at: number;
  readonly #words: Int32Array;
  readonly #first: number;

  constructor(memory: Memory, at: number) {
    this.at = at;
    this.#words = memory.words;
    this.#first = at >> 2;
  }

  /** Allocates a ring in an arena. Its taker sleeps. */
  static in(arena: Arena): PostRing {
    const ring = new PostRing(arena.memory, arena.allocate(WORDS * Int32Array.BYTES_PER_ELEMENT));
    ring.reset();
    return ring;
  }

  /**
   * Makes the ring as it was in the beginning. No other thread may use it meanwhile.
   * @param count where the counts of numbers begin, modulo 2^32
   */
  reset(count = 0): void {
    this.#set(PUT, count | 0);
    this.#set(TAKEN, count | 0);
    this.#set(ASLEEP, 1);
  }

  /** How many numbers were put, modulo 2^32, as a signed number. */
  get put(): number {
    return this.#get(PUT);
  }

  /** How many numbers were taken, modulo 2^32, as a signed number. */
  get taken(): number {
    return this.#get(TAKEN);
  }

  /**
   * Called by the filler.
   * @param number an integer from 0 to before 2^48
   * @param stamp 32 bits that the taker can read before it takes the number
   * @returns false if the ring is full
   */
  tryPut(number: number, stamp: number): boolean {
    const count = this.#get(PUT);
    if (((count - this.#get(TAKEN)) | 0) >= CAPACITY) return false;
    const entry = this.#entry(count);
    this.#words[entry + ENTRY.high] = number / HALF;
    this.#words[entry + ENTRY.low] = number % HALF;
    this.#words[entry + ENTRY.stamp] = stamp;
    this.#set(PUT, count + 1);
    return true;
  }

  /** Called by the filler after it put a number. @returns whether it must wake the taker, which counts as awake then */
  mustWake(): boolean {
    return this.#get(ASLEEP) === 1 && Atomics.exchange(this.#words, this.#first + ASLEEP, 0) === 1;
  }

  /** Whether a number waits. */
  get waiting(): boolean {
    return this.#get(PUT) !== this.#get(TAKEN);
  }

  /** The stamp of the number that waits. */
  get stamp(): number {
    return this.#words[this.#entry(this.#get(TAKEN)) + ENTRY.stamp] as number;
  }

  /** Called by the taker: takes the number that waits. */
  take(): number {
    const count = this.#get(TAKEN);
    const entry = this.#entry(count);
    const number = (this.#words[entry + ENTRY.high] as number) * HALF + (this.#words[entry + ENTRY.low] as number);
    this.#set(TAKEN, count + 1);
    return number;
  }

  /** Called by the taker: says that it sleeps. @returns false if a number waits after all, and it must stay awake */
  sleep(): boolean {
    this.#set(ASLEEP, 1);
    if (!this.waiting) return true;
    this.stayAwake();
    return false;
  }

  /** Called by the taker: says that it will look by itself. */
  stayAwake(): void {
    this.#set(ASLEEP, 0);
  }

  #entry(count: number): number {
    return this.#first + ENTRIES + (count & (CAPACITY - 1)) * ENTRY.words;
  }

  #get(word: number): number {
    return Atomics.load(this.#words, this.#first + word);
  }

  #set(word: number, value: number): void {
    Atomics.store(this.#words, this.#first + word, value);
  }
}
