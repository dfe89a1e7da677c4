/**
 * Batches of records, which cross a data port. A batch is in a leased buffer of the arena (buffer-pool.ts). It is in an
 * ArrayBuffer that moves to the other thread if it is too large, or if all buffers are leased. Every record begins on a
 * word boundary, with its kind and its whole size in bytes; records.ts has the rest.
 */
import type { BufferPool, Lease } from '../memory/buffer-pool.ts';
import { Memory } from '../memory/memory.ts';
import * as records from './records.ts';

const { RECORD } = records;
/** The least size of a buffer of its own. */
const FIRST_CAPACITY_BYTES = 64 * 1024;
/** A builder gives up a buffer of its own that a burst has made larger than this, once it is empty. */
const KEPT_CAPACITY_BYTES = 1024 * 1024;

/**
 * Past this a batch is posted before the turn is over. A shard that follows answers what it has by then, so earlier
 * posts are more deliveries a peer, and it is the writes to sockets that cost. Measured: with 128 KiB a burst is 0.86
 * times as fast, with 64 KiB 0.69 times.
 */
export const FULL_BATCH_BYTES = 512 * 1024;

/** A post in a buffer of its own: the batch, and the buffers that its records refer to. All of them move. */
export interface OwnPost {
  readonly batch: ArrayBuffer;
  readonly moved: readonly ArrayBuffer[];
}

/** One post. */
export type Post = OwnPost | Lease;

/**
 * The value that is posted. It is a bare batch or a bare number wherever no further buffer moves; the number stands for
 * a leased buffer and the bytes in use (LEASE_NUMBER_UNIT).
 */
export type PostedValue =
  | ArrayBuffer
  | number
  | OwnPost
  | { readonly leased: number; readonly moved: readonly ArrayBuffer[] };

/** A posted number is the number of the leased buffer times this, plus the bytes in use. */
const LEASE_NUMBER_UNIT = 2 ** 24;
const NOTHING_MOVED: ArrayBuffer[] = [];

/** @returns `length` rounded up to whole words, in bytes */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Gathers records into batches, in a buffer of a pool or else in a growing one of its own. */
export class BatchBuilder {
  memory: Memory;
  bytes: Uint8Array;
  words: Int32Array;
  /** The number of the current batch: how many were taken before it. */
  serial = 0;
  /** The number of lists in the current batch (message.ts). */
  lists = 0;
  #pool: BufferPool | undefined;
  /** The number of the pool's buffer that is being filled; -1 for its own buffer. */
  #number = -1;
  #own: Memory | undefined;
  #start = 0;
  #at = 0;
  #limit = 0;
  #moved: ArrayBuffer[] = [];

  /** @param pool the pool to fill; left out where there are few posts */
  constructor(pool?: BufferPool) {
    this.#pool = pool;
    this.memory = this.#next();
    this.bytes = this.memory.bytes;
    this.words = this.memory.words;
  }

  /** The bytes that were gathered so far. */
  get used(): number {
    return this.#at - this.#start;
  }

  /**
   * Begins a record, whose other words the caller must fill in at once.
   * @param size in bytes, with the header
   * @returns the index of the first word of the record
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

  /** Whether a record of `size` bytes fits into the current buffer. */
  fits(size: number): boolean {
    return this.#at + padded(size) <= this.#limit;
  }

  /** Moves `buffer` with the batch. @returns the number by which a record refers to it */
  move(buffer: ArrayBuffer): number {
    return this.#moved.push(buffer) - 1;
  }

  /** Takes the batch, and begins the next one. @returns undefined if the batch is empty */
  take(): Post | undefined {
    const { used } = this;
    const pool = this.#pool;
    const number = this.#number;
    if (pool === undefined || number < 0) return this.takeOwn();
    if (used === 0) return undefined;
    const lease = pool.lease(number, used, this.#moved);
    pool.acquire(number);
    this.#begin();
    return lease;
  }

  /** As `take`, but the batch is copied to a buffer of its own. */
  takeOwn(): OwnPost | undefined {
    const { used } = this;
    if (used === 0) return undefined;
    // A copy is cheaper than to gather in a new buffer each time, and a small batch stays small while it waits.
    const own = new ArrayBuffer(used);
    new Uint8Array(own).set(this.bytes.subarray(this.#start, this.#at));
    const post = { batch: own, moved: this.#moved };
    this.#begin();
    return post;
  }

  /** Gives up the pool, because another builder will fill it. Records that were gathered are lost. */
  retire(): void {
    this.#pool = undefined;
    this.#begin();
  }

  /** Begins the next batch. */
  #begin(): void {
    if (this.#moved.length > 0) this.#moved = [];
    this.serial++;
    this.lists = 0;
    this.#show(this.#next());
  }

  /** Chooses the buffer for the next batch. @returns its memory */
  #next(): Memory {
    const pool = this.#pool;
    this.#number = pool?.free() ?? -1;
    if (this.#own !== undefined && this.#own.bytes.length > KEPT_CAPACITY_BYTES) this.#own = undefined;
    if (pool === undefined || this.#number < 0) return this.#nextOwn(FIRST_CAPACITY_BYTES);
    this.#start = pool.startOf(this.#number);
    this.#at = this.#start;
    this.#limit = this.#start + pool.place.bufferBytes;
    return pool.memory;
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

  /** Moves the batch to a larger buffer of its own, with room for `needed` bytes. */
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

/** Whether a post is in a leased buffer. */
export function isLease(post: Post): post is Lease {
  return 'from' in post;
}

/** @returns the value and the transfer list for postMessage */
export function posted(post: Post): [PostedValue, ArrayBuffer[]] {
  const { moved } = post;
  if (isLease(post)) {
    const lease = post.number * LEASE_NUMBER_UNIT + post.end - post.start;
    return moved.length === 0 ? [lease, NOTHING_MOVED] : [{ leased: lease, moved }, [...moved]];
  }
  return moved.length === 0 ? [post.batch, [post.batch]] : [post, [post.batch, ...moved]];
}

/** @returns the weight of a post: all its bytes, with the buffers that move. Both sides count it for back-pressure. */
export function postWeight(post: Post): number {
  let weight = isLease(post) ? post.end - post.start : post.batch.byteLength;
  for (const buffer of post.moved) weight += buffer.byteLength;
  return weight;
}

/**
 * @returns the post that arrived as `value`
 * @param from the pool of which a leased buffer is
 * @throws TypeError if a leased buffer arrives and there is no pool
 */
export function received(value: PostedValue, from?: BufferPool): Post {
  if (value instanceof ArrayBuffer) return { batch: value, moved: NOTHING_MOVED };
  if (typeof value === 'number') return leased(value, NOTHING_MOVED, from);
  return 'leased' in value ? leased(value.leased, value.moved, from) : value;
}

function leased(lease: number, moved: readonly ArrayBuffer[], from: BufferPool | undefined): Lease {
  if (from === undefined) throw new TypeError('a leased buffer came to a thread that has no pool');
  return from.lease(Math.floor(lease / LEASE_NUMBER_UNIT), lease % LEASE_NUMBER_UNIT, moved);
}

/** Iterates over the records of a batch. Stops, with `broken` set, where the bytes are no valid record. */
export class BatchCursor {
  readonly memory: Memory;
  readonly words: Int32Array;
  readonly bytes: Uint8Array;
  readonly moved: readonly ArrayBuffer[];
  /** The first word of the current record. */
  word = 0;
  kind = 0;
  /** The byte after the current record. */
  end = 0;
  broken = false;
  readonly #postEnd: number;

  constructor(post: Post) {
    this.memory = isLease(post) ? post.memory : new Memory(post.batch);
    this.bytes = this.memory.bytes;
    this.words = this.memory.words;
    this.moved = post.moved;
    this.end = isLease(post) ? post.start : 0;
    this.#postEnd = isLease(post) ? post.end : post.batch.byteLength;
  }

  /** Moves to the next record. @returns false at the end of the batch, or where it is broken */
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

  /** @returns word `index` of the current record; 0 if the record is too short */
  at(index: number): number {
    const word = this.word + index;
    return word << 2 < this.end ? (this.words[word] as number) : 0;
  }

  /** Whether `length` bytes from byte `start` on are inside the current record. */
  holds(start: number, length: number): boolean {
    return length >= 0 && start >= this.word << 2 && start + length <= this.end;
  }

  /** Marks the batch as broken, because the current record is not valid. @returns false */
  fail(): false {
    this.broken = true;
    return false;
  }
}
