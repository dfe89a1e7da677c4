/** Pools for tests. A released buffer is overwritten, so that a test fails if its batch is read later. */
import type { ShardPools } from '../../../src/shards/memory-plan.ts';
import { BufferPool, type PoolPlace } from '../../../src/shared/memory/buffer-pool.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { FrameGatherer } from '../../../src/shared/wire/frame-gatherer.ts';

/** Frames of more bytes than this are not gathered in the room of a gatherer. */
const ROOM_BYTES = 256;

export class OverwrittenBuffers extends BufferPool {
  /** A pool in memory of its own, or at `at` of `memory`. */
  constructor(count: number, bufferBytes: number, memory?: Memory, at = 0) {
    const place: PoolPlace = { at: at + count * Int32Array.BYTES_PER_ELEMENT, flagsAt: at, count, bufferBytes };
    super(memory ?? new Memory(new ArrayBuffer(poolBytes(count, bufferBytes))), place);
  }

  override release(number: number): boolean {
    if (!super.release(number)) return false;
    const start = this.startOf(number);
    this.memory.bytes.fill(0xff, start, start + this.place.bufferBytes);
    return true;
  }
}

/** The pools of a shard in one memory, as they are in the arena. */
export function overwrittenPools(count: number, bufferBytes: number): ShardPools {
  const each = poolBytes(count, bufferBytes);
  const memory = new Memory(new ArrayBuffer(2 * each + ROOM_BYTES));
  return {
    toShard: new OverwrittenBuffers(count, bufferBytes, memory),
    toMain: new OverwrittenBuffers(count, bufferBytes, memory, each),
    gatherer: new FrameGatherer(memory, 2 * each, undefined, ROOM_BYTES),
  };
}

function poolBytes(count: number, bufferBytes: number): number {
  return count * Int32Array.BYTES_PER_ELEMENT + count * bufferBytes;
}
