/**
 * The buffers from which bytes are written to sockets. The buffer of a delivery is returned to its shard at once, so
 * the bytes are copied from it into a write buffer. Most writes are over when the call returns, and the buffer is free
 * for the next one. Another write keeps its buffer until it is over. If all buffers are kept, bytes are copied to a new
 * one of their own size.
 */
import { copyText, copyTextIn, copyTextOf, type Memory } from './memory.ts';

/**
 * The most bytes in one write, except for a larger frame. How much the kernel took of a failed write is known only
 * roughly, so writes are not large.
 */
export const WRITE_BUFFER_BYTES = 64 * 1024;

/** The buffers of all writers. */
export class WriteBuffers {
  readonly #memory: Memory;
  readonly #at: number;
  readonly #free: number[];
  /** The buffer for the next write; -1 if all are kept. */
  #current: number;

  /** @param at the first byte of `count` buffers in `memory` */
  constructor(memory: Memory, at: number, count: number) {
    this.#memory = memory;
    this.#at = at;
    this.#free = Array.from({ length: count }, (_, number) => count - 1 - number);
    this.#current = this.#free.pop() ?? -1;
  }

  /**
   * Copies UTF-8 text to where it can be written from.
   * @returns the copy, which is valid until the next call unless `keep` is called
   */
  stage(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (this.#current < 0 || length > WRITE_BUFFER_BYTES) {
      const own = Buffer.allocUnsafe(length); // Node takes small ones from a pool of its own
      copyTextOf(bytes, 0, own, 0, length);
      return own;
    }
    const staged = new Uint8Array(this.#memory.buffer, this.#at + this.#current * WRITE_BUFFER_BYTES, length);
    copyTextIn(this.#memory, bytes, 0, staged, 0, length);
    return staged;
  }

  /** As `stage`, for `length` bytes from `at` on in `memory`. */
  stageFrom(memory: Memory, at: number, length: number): Uint8Array {
    if (this.#current < 0 || length > WRITE_BUFFER_BYTES) return this.stage(new Uint8Array(memory.buffer, at, length));
    const start = this.#at + this.#current * WRITE_BUFFER_BYTES;
    const isThere = memory === this.#memory && at === start; // see roomFor
    if (!isThere) copyText(memory, at, this.#memory, start, length);
    return new Uint8Array(this.#memory.buffer, start, length);
  }

  /**
   * Where bytes can be put that will be staged next, so that `stageFrom` need not copy them.
   * @returns the first of `length` bytes; -1 if there is no room
   */
  roomFor(length: number): number {
    return this.#current < 0 || length > WRITE_BUFFER_BYTES ? -1 : this.#at + this.#current * WRITE_BUFFER_BYTES;
  }

  /** Whether these bytes lie where the next ones will be staged (roomFor). */
  isInTheWay(bytes: Uint8Array): boolean {
    return bytes.length > 0 && this.#numberOf(bytes) === this.#current;
  }

  /** Keeps the bytes that were staged last, until they are released. */
  keep(staged: Uint8Array): void {
    if (this.#numberOf(staged) === this.#current) this.#current = this.#free.pop() ?? -1;
  }

  /** Releases bytes that were kept, because their write is over. */
  release(staged: Uint8Array): void {
    const number = this.#numberOf(staged);
    if (number === undefined) return;
    if (this.#current < 0) this.#current = number;
    else this.#free.push(number);
  }

  #numberOf(staged: Uint8Array): number | undefined {
    return staged.buffer === this.#memory.buffer ? (staged.byteOffset - this.#at) / WRITE_BUFFER_BYTES : undefined;
  }
}
