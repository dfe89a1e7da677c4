/**
 * The memory that the main thread and its shards share. What is read from sockets, what crosses between the threads and
 * what is written lies in it, in places that are used again: nothing is made, moved or thrown away for a post.
 * (Measured against buffers that move: a burst is 1.10 times as fast, and large messages let V8 mark the whole heap no
 * more.)
 *
 * It is a memory of WebAssembly for two functions (arena-code.ts). JavaScript has no fast copy for shared memory: `set`
 * goes byte by byte there, because threads may look on, and takes 16 times as long for 2,000 bytes. Here none does:
 * each place belongs to one thread at a time (buffer-pool.ts). Nor has it a fast look at many bytes: a loop takes 80
 * times as long.
 */
import { ARENA_CODE, type ArenaCode } from './arena-code.ts';
import { Memory } from './memory.ts';

const PAGE_BYTES = 64 * 1024;
/** Places begin at a line of the processor's cache, so that two threads do not write to one by chance. */
const ALIGNMENT_BYTES = 128;

/** What the types of Node leave out. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer;
}

declare const WebAssembly: {
  readonly Memory: new (limits: { initial: number; maximum: number; shared: true }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: ArenaCode };
};

export class Arena {
  /** What a thread needs to see the same memory. */
  readonly shared: WasmMemory;
  readonly memory: Memory;
  #used = 0;

  /** @throws RangeError or TypeError if the system has not so many bytes */
  constructor(bytes: number) {
    const pages = Math.ceil(bytes / PAGE_BYTES);
    // The system gives a page of it when it is first touched.
    this.shared = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.memory = memoryOf(this.shared);
  }

  /** Gives a place of `bytes` bytes away for good. @returns where it begins */
  allocate(bytes: number): number {
    const at = this.#used;
    this.#used += placeBytes(bytes);
    if (this.#used > this.memory.bytes.length) throw new RangeError(`no room for ${bytes} bytes in the arena`);
    return at;
  }
}

/** What a place of `bytes` bytes takes of an arena. */
export function placeBytes(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
}

/** The memory of an arena as this thread sees it, whichever thread has made it. */
export function memoryOf(shared: WasmMemory): Memory {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(ARENA_CODE), { m: { m: shared } });
  return new Memory(shared.buffer, exports);
}
