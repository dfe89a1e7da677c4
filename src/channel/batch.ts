/**
 * What crosses a data port: a batch of records in one transferred ArrayBuffer. Every record begins on a word boundary
 * with its kind and its whole size in bytes; what follows is laid out in to-shard.ts and to-main.ts.
 */
import { Memory } from './memory.ts';

/** Words every record begins with: kind, size in bytes. */
export const RECORD_WORDS = 2;
const RECORD_KIND = 0;
const RECORD_SIZE = 1;
const FIRST_CAPACITY_BYTES = 64 * 1024;
/** A staging buffer that a burst has made larger than this is given up once it is empty. */
const KEPT_CAPACITY_BYTES = 1024 * 1024;

/**
 * Past this a batch is posted before the turn is over. A shard that follows answers what it has by then, so earlier posts
 * are more deliveries a peer, and it is the writes to sockets that cost. Measured: with 128 KiB a burst is 0.86 times as
 * fast, with 64 KiB 0.69 times.
 */
export const FULL_BATCH_BYTES = 512 * 1024;

/**
 * From so many bytes on a batch goes out in a buffer that comes back. Buffers that are made and thrown away let V8 mark the
 * whole heap again and again. Measured: messages of 2,000 bytes are up to 1.5 times as fast; with smaller batches too, a
 * burst of small messages is 0.94 times as fast.
 */
const POOLED_FROM_BYTES = 256 * 1024;
/** The size of such a buffer: a full batch, and the record that filled it. */
export const POOLED_BYTES = FULL_BATCH_BYTES + 128 * 1024;
/** So many of them are kept: no more can be under way before the high-water mark. */
const MAX_SPARES = 2;

/** One post: the batch, and the buffers its records refer to, which move with it. */
export interface Post {
  readonly batch: ArrayBuffer;
  readonly moved: readonly ArrayBuffer[];
  /** The bytes of the batch that are records, where that is not all of it. */
  readonly used?: number;
}

/** What is really posted: the bare batch wherever there is no more to a post. */
export type PostedValue = ArrayBuffer | Post;

/** The bytes of `length` rounded up to whole words. */
export function padded(length: number): number {
  return (length + 3) & ~3;
}

/** Gathers records in one growing buffer, and gives a copy of them away as one batch. */
export class BatchBuilder {
  memory = new Memory(new ArrayBuffer(FIRST_CAPACITY_BYTES));
  bytes = this.memory.bytes;
  words = new Int32Array(this.memory.buffer);
  /** The number of the batch at hand: how many were given away before it. */
  serial = 0;
  /** Lists that stand in the batch at hand (message.ts). */
  lists = 0;
  #used = 0;
  #moved: ArrayBuffer[] = [];
  readonly #comesBack: boolean;
  #spares: ArrayBuffer[] = [];

  /** @param comesBack whether who gets large batches gives their buffers back */
  constructor({ comesBack = false } = {}) {
    this.#comesBack = comesBack;
  }

  /** Bytes gathered so far. */
  get used(): number {
    return this.#used;
  }

  /**
   * Begins a record of `size` bytes, its header included; the caller fills the rest in at once.
   * @returns the index of the record's first word
   */
  begin(kind: number, size: number): number {
    const at = this.#used;
    const end = at + padded(size);
    if (end > this.bytes.length) this.#grow(end);
    this.#used = end;
    const word = at >> 2;
    this.words[word + RECORD_KIND] = kind;
    this.words[word + RECORD_SIZE] = end - at;
    return word;
  }

  /** Lets `buffer` move with the batch. @returns the number by which a record may name it */
  move(buffer: ArrayBuffer): number {
    return this.#moved.push(buffer) - 1;
  }

  /** Gives away what was gathered and is empty again; undefined if it was empty. */
  take(): Post | undefined {
    if (this.#used === 0) return undefined;
    // A copy is cheaper than a fresh staging buffer a turn, and small batches stay small for who keeps them.
    const used = this.#used;
    const pooled = this.#comesBack && used >= POOLED_FROM_BYTES && used <= POOLED_BYTES;
    const batch = pooled ? this.#pooledCopy(used) : this.memory.buffer.slice(0, used);
    const moved = this.#moved;
    this.#used = 0;
    this.serial++;
    this.lists = 0;
    if (moved.length > 0) this.#moved = [];
    if (this.bytes.length > KEPT_CAPACITY_BYTES) this.#replace(FIRST_CAPACITY_BYTES);
    return pooled ? { batch, moved, used } : { batch, moved };
  }

  /** Takes back the buffer of a batch that is worked off. */
  reuse(buffer: ArrayBuffer): void {
    if (buffer.byteLength === POOLED_BYTES && this.#spares.length < MAX_SPARES) this.#spares.push(buffer);
  }

  #pooledCopy(used: number): ArrayBuffer {
    const batch = this.#spares.pop() ?? new ArrayBuffer(POOLED_BYTES);
    new Uint8Array(batch).set(this.bytes.subarray(0, used));
    return batch;
  }

  #grow(needed: number): void {
    const { bytes } = this;
    this.#replace(Math.max(padded(needed), bytes.length * 2));
    this.bytes.set(bytes.subarray(0, this.#used));
  }

  #replace(capacityBytes: number): void {
    this.memory = new Memory(new ArrayBuffer(capacityBytes));
    this.bytes = this.memory.bytes;
    this.words = new Int32Array(this.memory.buffer);
  }
}

/** The value to hand to postMessage, and its transfer list. */
export function posted(post: Post): [PostedValue, ArrayBuffer[]] {
  return post.moved.length === 0 && post.used === undefined
    ? [post.batch, [post.batch]]
    : [post, [post.batch, ...post.moved]];
}

/** All bytes of a post, those that move with the batch included: what back-pressure counts, on both sides alike. */
export function postWeight(post: Post): number {
  let weight = usedBytes(post);
  for (const buffer of post.moved) weight += buffer.byteLength;
  return weight;
}

function usedBytes({ batch, used }: Post): number {
  return Math.min(used ?? batch.byteLength, batch.byteLength);
}

/** The post that arrived as `value`. */
export function received(value: PostedValue): Post {
  return value instanceof ArrayBuffer ? { batch: value, moved: [] } : value;
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
  readonly #used: number;

  constructor(post: Post) {
    this.#used = usedBytes(post);
    this.memory = new Memory(post.batch);
    this.bytes = this.memory.bytes;
    this.words = new Int32Array(post.batch, 0, post.batch.byteLength >> 2);
    this.moved = post.moved;
  }

  /** Goes to the next record. @returns false at the end of the batch, or where it is broken */
  next(): boolean {
    const at = this.end;
    if (this.broken || at >= this.#used) return false;
    this.word = at >> 2;
    const size = this.words[this.word + RECORD_SIZE] ?? 0;
    this.end = at + size;
    if (size < RECORD_WORDS * 4 || (size & 3) !== 0 || this.end > this.#used) return this.fail();
    this.kind = this.words[this.word + RECORD_KIND] as number;
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

  /** Says that the record at hand is none. @returns false */
  fail(): false {
    this.broken = true;
    return false;
  }
}
