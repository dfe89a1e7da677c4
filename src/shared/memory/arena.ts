/**
 * The memory that the main thread and its shards share. Bytes that are read from sockets, that cross between threads,
 * and that are written, are in it. Its places are used again, so a post allocates, moves and frees nothing. (Measured
 * against buffers that move: a burst is 1.10 times as fast, and V8 no longer marks the whole heap because of large
 * messages.)
 *
 * It is a WebAssembly memory, for two functions (arena-code.ts). JavaScript has no fast copy for shared memory: `set`
 * copies byte by byte, because other threads may look on, and takes 16 times as long for 2,000 bytes. Here no thread
 * looks on while a place is written, because only its filler uses it then (buffer-pool.ts). Nor has JavaScript a fast
 * way to look through many bytes: a loop takes 80 times as long.
 */
import { ARENA_CODE, type ArenaCode } from './arena-code.ts';
import { Memory } from './memory.ts';

const PAGE_BYTES = 64 * 1024;
/** Places begin at cache lines of the processor, so that no two threads write to the same line. */
const ALIGNMENT_BYTES = 128;

/** A part of WebAssembly that the types of Node leave out. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: ArenaCode };
};

/** The shared memory, as the thread that creates it sees it. */
export class Arena {
  /** What another thread needs to use the same memory (`memoryOf`). */
  readonly shared: WasmMemory;
  readonly memory: Memory;
  #used = 0;

  /** @throws RangeError or TypeError if the system does not have that many bytes */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    // The kernel provides a page of it when the page is first touched.
    this.shared = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.memory = memoryOf(this.shared);
  }

  /**
   * Allocates a place of `bytes` bytes, which is never freed.
   * @returns its first byte
   * @throws RangeError if there is no room
   */
  allocate(bytes: number): number {
    const at = this.#used;
    this.#used += placeBytes(bytes);
    if (this.#used > this.memory.bytes.length) throw new RangeError(`no room for ${bytes} bytes in the arena`);
    return at;
  }
}

/** @returns the bytes that a place of `bytes` bytes takes in an arena */
export function placeBytes(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** @returns the memory of an arena, for this thread to use, whichever thread created it */
export function memoryOf(shared: WasmMemory): Memory {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(ARENA_CODE), { m: { m: shared } });
  return new Memory(shared.buffer, exports);
}
