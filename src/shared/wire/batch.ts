/**
 * What crosses a data port: a batch of records in a lent buffer of the arena (buffer-pool.ts), or in an ArrayBuffer
 * that moves, where it is too large or all are lent. Every record begins on a word boundary with its kind and its whole
 * size in bytes; records.ts says what follows.
 */
import type { LentBuffers, Loan } from '../memory/buffer-pool.ts';
import { Memory } from '../memory/memory.ts';
import * as records from './records.ts';

const { RECORD } = records;
const FIRST_CAPACITY_BYTES = 64 * 1024;
/** A buffer of its own that a burst has made larger than this is given up once it is empty. */
const KEPT_CAPACITY_BYTES = 1024 * 1024;

/**
 * Past this a batch is posted before the turn is over. A shard that follows answers what it has by then, so earlier
 * posts are more deliveries a peer, and it is the writes to sockets that cost. Measured: with 128 KiB a burst is 0.86
 * times as fast, with 64 KiB 0.69 times.
 */
export const FULL_BATCH_BYTES = 512 * 1024;

/** A post in a buffer of its own: the batch, and the buffers its records refer to, which move with it. */
export interface OwnPost {
  readonly batch: ArrayBuffer;
  readonly moved: readonly ArrayBuffer[];
}

/** One post. */
export type Post = OwnPost | Loan;

/**
 * What is really posted: a bare batch, or the number of a lent buffer and the bytes in use, wherever nothing moves with
 * it.
 */
export type PostedValue =
  | ArrayBuffer
  | number
  | OwnPost
  | { readonly lent: number; readonly moved: readonly ArrayBuffer[] };

/** A posted number has the bytes in use in its lower bits, and the number of the buffer above. */
const LENT_NUMBER_UNIT = 2 ** 24;
const NOTHING_MOVED: ArrayBuffer[] = [];

/** The bytes of `length` rounded up to whole words. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Gathers records in a lent buffer, or else in a growing one of its own, and gives them away as one batch. */
export class BatchBuilder {
  memory: Memory;
  bytes: Uint8Array;
  words: Int32Array;
  /** The number of the batch at hand: how many were given away before it. */
  serial = 0;
  /** Lists that stand in the batch at hand (message.ts). */
  lists = 0;
  #lent: LentBuffers | undefined;
  /** The number of the lent buffer that is filled; -1 for the own one. */
  #number = -1;
  #own: Memory | undefined;
  #start = 0;
  #at = 0;
  #limit = 0;
  #moved: ArrayBuffer[] = [];

  /** @param lent the buffers to fill; none where few posts are made */
  constructor(lent?: LentBuffers) {
    this.#lent = lent;
    this.memory = this.#next();
    this.bytes = this.memory.bytes;
    this.words = this.memory.words;
  }

  /** Bytes gathered so far. */
  get used(): number {
    return this.#at - this.#start;
  }

  /**
   * Begins a record of `size` bytes, its header included; the caller fills the rest in at once.
   * @returns the index of the record's first word
   */
  begin(kind: number, size: number): number {
    const length = padded(size);
    if (this.#at + length > this.#limit) this.#grow(this.used + length);
    const word = this.#at >> 2;
    this.#at += length;
    this.words[word + RECORD.kind] = kind;
    this.words[word + RECORD.size] = length;
    return word;
  }

  /** Whether a record of `size` bytes has room beside those that were gathered. */
  fits(size: number): boolean {
    return this.#at + padded(size) <= this.#limit;
  }

  /** Lets `buffer` move with the batch. @returns the number by which a record may name it */
  move(buffer: ArrayBuffer): number {
    return this.#moved.push(buffer) - 1;
  }

  /** Gives away what was gathered and is empty again; undefined if it was empty. */
  take(): Post | undefined {
    const { used } = this;
    const lent = this.#lent;
    const number = this.#number;
    if (lent === undefined || number < 0) return this.takeOwn();
    if (used === 0) return undefined;
    const loan = lent.loan(number, used, this.#moved);
    lent.lend(number);
    this.#begin();
    return loan;
  }

  /** Gives away what was gathered in a buffer of its own, and is empty again; undefined if it was empty. */
  takeOwn(): OwnPost | undefined {
    const { used } = this;
    if (used === 0) return undefined;
    // A copy is cheaper than a fresh buffer to gather in, and a small batch stays small while it is kept.
    const own = new ArrayBuffer(used);
    new Uint8Array(own).set(this.bytes.subarray(this.#start, this.#at));
    const post = { batch: own, moved: this.#moved };
    this.#begin();
    return post;
  }

  /** Gives the lent buffers up, because somebody else is about to fill them. What was gathered is gone. */
  retire(): void {
    this.#lent = undefined;
    this.#begin();
  }

  /** Begins the next batch. */
  #begin(): void {
    if (this.#moved.length > 0) this.#moved = [];
    this.serial++;
    this.lists = 0;
    this.#show(this.#next());
  }

  /** @returns the memory to gather the next batch in */
  #next(): Memory {
    const lent = this.#lent;
    this.#number = lent?.free() ?? -1;
    if (this.#own !== undefined && this.#own.bytes.length > KEPT_CAPACITY_BYTES) this.#own = undefined;
    if (lent === undefined || this.#number < 0) return this.#nextOwn(FIRST_CAPACITY_BYTES);
    this.#start = lent.startOf(this.#number);
    this.#at = this.#start;
    this.#limit = this.#start + lent.place.bufferBytes;
    return lent.memory;
  }

  #nextOwn(capacityBytes: number): Memory {
    if (this.#own === undefined || this.#own.bytes.length < capacityBytes) {
      this.#own = new Memory(new ArrayBuffer(capacityBytes));
    }
    this.#number = -1;
    this.#start = 0;
    this.#at = 0;
    this.#limit = this.#own.bytes.length;
    return this.#own;
  }

  /** Goes on in a larger buffer of its own, in which there is room for `needed` bytes. */
  #grow(needed: number): void {
    const gathered = this.bytes.subarray(this.#start, this.#at);
    const own = this.#nextOwn(Math.max(needed, gathered.length * 2));
    own.bytes.set(gathered);
    this.#at = gathered.length;
    this.#show(own);
  }

  #show(memory: Memory): void {
    this.memory = memory;
    this.bytes = memory.bytes;
    this.words = memory.words;
  }
}

export function isLoan(post: Post): post is Loan {
  return 'from' in post;
}

/** The value to hand to postMessage, and its transfer list. */
export function posted(post: Post): [PostedValue, ArrayBuffer[]] {
  const { moved } = post;
  if (isLoan(post)) {
    const lent = post.number * LENT_NUMBER_UNIT + post.end - post.start;
    return moved.length === 0 ? [lent, NOTHING_MOVED] : [{ lent, moved }, [...moved]];
  }
  return moved.length === 0 ? [post.batch, [post.batch]] : [post, [post.batch, ...moved]];
}

/** All bytes of a post, those that move with the batch included: what back-pressure counts, on both sides alike. */
export function postWeight(post: Post): number {
  let weight = isLoan(post) ? post.end - post.start : post.batch.byteLength;
  for (const buffer of post.moved) weight += buffer.byteLength;
  return weight;
}

/**
 * The post that arrived as `value`.
 * @param from where a lent buffer comes from
 */
export function received(value: PostedValue, from?: LentBuffers): Post {
  if (value instanceof ArrayBuffer) return { batch: value, moved: NOTHING_MOVED };
  if (typeof value === 'number') return borrowed(value, NOTHING_MOVED, from);
  return 'lent' in value ? borrowed(value.lent, value.moved, from) : value;
}

function borrowed(lent: number, moved: readonly ArrayBuffer[], from: LentBuffers | undefined): Loan {
  if (from === undefined) throw new TypeError('a lent buffer came to a thread that shares none');
  return from.loan(Math.floor(lent / LENT_NUMBER_UNIT), lent % LENT_NUMBER_UNIT, moved);
}

/** Walks the records of a batch; stops, with `broken` set, where the bytes are no record. */
export class BatchCursor {
  readonly memory: Memory;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly moved: readonly ArrayBuffer[];
  /** The first word of the record at hand. */
  word = 0;
  kind = 0;
  /** The byte behind the record at hand. */
  end = 0;
  broken = false;
  readonly #postEnd: number;

  constructor(post: Post) {
    this.memory = isLoan(post) ? post.memory : new Memory(post.batch);
    this.bytes = this.memory.bytes;
    this.words = this.memory.words;
    this.moved = post.moved;
    this.end = isLoan(post) ? post.start : 0;
    this.#postEnd = isLoan(post) ? post.end : post.batch.byteLength;
  }

  /** Goes to the next record. @returns false at the end of the batch, or where it is broken */
  next(): boolean {
    const at = this.end;
    if (this.broken || at >= this.#postEnd) return false;
    this.word = at >> 2;
    const size = this.words[this.word + RECORD.size] ?? 0;
    this.end = at + size;
    if (size < RECORD.words * 4 || (size & 3) !== 0 || this.end > this.#postEnd) return this.fail();
    this.kind = this.words[this.word + RECORD.kind] as number;
    return true;
  }

  /** Word `index` of the record at hand; 0 where the record has no such word. */
  at(index: number): number {
    const word = this.word + index;
    return word << 2 < this.end ? (this.words[word] as number) : 0;
  }

  /** Whether `length` bytes from byte `start` lie inside the record at hand. */
  holds(start: number, length: number): boolean {
    return length >= 0 && start >= this.word << 2 && start + length <= this.end;
  }

  /** Marks the batch as broken: the record at hand is none. @returns false */
  fail(): false {
    this.broken = true;
    return false;
  }
}
