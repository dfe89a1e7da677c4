/**
 * Where bytes lie while they are written to a socket. The buffer they came in goes back to its shard at once, so they
 * are copied out of it, into a slab; most writes are over when they return, and the slab is free for the next. A write
 * that is not keeps its slab until it is over; when too many do, bytes are copied to memory of their own, just as
 * large.
 */
import { copyTextOf, type Memory } from './memory.ts';

/**
 * The most that is given to a socket in one write, but for a larger frame: what the kernel took of a failed write is
 * known only roughly.
 */
export const SLAB_BYTES = 64 * 1024;

export class WriteSlabs {
  readonly #memory: Memory;
  readonly #at: number;
  readonly #free: number[];
  /** The slab for the next write; -1 where all are kept. */
  #current: number;

  /** @param at where `count` slabs begin in `memory` */
  constructor(memory: Memory, at: number, count: number) {
    this.#memory = memory;
    this.#at = at;
    this.#free = Array.from({ length: count }, (_, slab) => count - 1 - slab);
    this.#current = this.#free.pop() ?? -1;
  }

  /** Copies UTF-8 text to where it can be written from, up to the next call; `keep` makes that longer. */
  stage(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (this.#current < 0 || length > SLAB_BYTES) {
      const own = Buffer.allocUnsafe(length); // small ones come out of Node's own pool
      copyTextOf(bytes, 0, own, 0, length);
      return own;
    }
    const { buffer, copy } = this.#memory;
    const start = this.#at + this.#current * SLAB_BYTES;
    const staged = new Uint8Array(buffer, start, length);
    if (copy !== undefined && bytes.buffer === buffer) copy(start, bytes.byteOffset, length);
    else copyTextOf(bytes, 0, staged, 0, length);
    return staged;
  }

  /** The bytes that were staged last stay until they are released. */
  keep(staged: Uint8Array): void {
    if (this.#slabOf(staged) === this.#current) this.#current = this.#free.pop() ?? -1;
  }

  /** The write of bytes that were kept is over. */
  release(staged: Uint8Array): void {
    const slab = this.#slabOf(staged);
    if (slab === undefined) return;
    if (this.#current < 0) this.#current = slab;
    else this.#free.push(slab);
  }

  #slabOf(staged: Uint8Array): number | undefined {
    return staged.buffer === this.#memory.buffer ? (staged.byteOffset - this.#at) / SLAB_BYTES : undefined;
  }
}
