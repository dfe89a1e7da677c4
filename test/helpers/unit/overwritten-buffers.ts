/** A pool for tests. A released buffer is overwritten, so that a test fails if its batch is read later. */
import { BufferPool } from '../../../src/shared/memory/buffer-pool.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';

export class OverwrittenBuffers extends BufferPool {
  constructor(count: number, bufferBytes: number) {
    const at = count * Int32Array.BYTES_PER_ELEMENT;
    super(new Memory(new ArrayBuffer(at + count * bufferBytes)), { at, flagsAt: 0, count, bufferBytes });
  }

  override release(number: number): void {
    const start = this.startOf(number);
    this.memory.bytes.fill(0xff, start, start + this.place.bufferBytes);
    super.release(number);
  }
}
