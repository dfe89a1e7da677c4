/** Pools for tests. A released buffer is overwritten, so that a test fails if its batch is read later. */
import type { ShardPools } from '../../../src/shards/memory-plan.ts';
import { BufferPool, type PoolPlace } from '../../../src/shared/memory/buffer-pool.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import { PIECE_BYTES, PieceBuffers } from '../../../src/shared/memory/piece-buffers.ts';
import { WRITE_BUFFER_BYTES, WriteBuffers } from '../../../src/shared/memory/write-buffers.ts';
import { FrameGatherer } from '../../../src/shared/wire/frames/frame-gatherer.ts';

/** Frames of more bytes than this are not gathered in the room of a gatherer. */
const ROOM_BYTES = 256;
/** Few, so that all are kept at times. */
const WRITE_BUFFERS = 2;
const PIECES = 2;

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

/** As WriteBuffers, but a buffer that is released is overwritten. */
class OverwrittenWriteBuffers extends WriteBuffers {
  override release(staged: Uint8Array): void {
    super.release(staged);
    staged.fill(0xff);
  }
}

/** As PieceBuffers, for pieces of any size. A place that is given back is overwritten. */
class OverwrittenPieces extends PieceBuffers {
  override give(piece: Uint8Array): void {
    super.give(piece);
    piece.fill(0xff);
  }
}

/** Few places for pieces, so that all are taken at times. */
export function overwrittenPieces(): PieceBuffers {
  return new OverwrittenPieces(new Memory(new ArrayBuffer(PIECES * PIECE_BYTES)), 0, PIECES, 1);
}

/** Buffers in one memory, as they are in the arena. */
export interface OverwrittenMemory {
  /** The pools of each shard. */
  readonly shards: readonly ShardPools[];
  readonly writeBuffers: WriteBuffers;
}

/** @returns pools for shards of `count` buffers each, with which frames in place are gathered in write buffers */
export function overwrittenMemory(shards: number, count: number, bufferBytes: number): OverwrittenMemory {
  const each = poolBytes(count, bufferBytes);
  const bytesOfShards = shards * (2 * each + ROOM_BYTES);
  const memory = new Memory(new ArrayBuffer(bytesOfShards + WRITE_BUFFERS * WRITE_BUFFER_BYTES));
  const writeBuffers = new OverwrittenWriteBuffers(memory, bytesOfShards, WRITE_BUFFERS);
  const pools = (shard: number): ShardPools => {
    const at = shard * (2 * each + ROOM_BYTES);
    return {
      toShard: new OverwrittenBuffers(count, bufferBytes, memory, at),
      toMain: new OverwrittenBuffers(count, bufferBytes, memory, at + each),
      gatherer: new FrameGatherer(memory, at + 2 * each, writeBuffers, ROOM_BYTES),
    };
  };
  return { shards: Array.from({ length: shards }, (_, shard) => pools(shard)), writeBuffers };
}

/** The pools of one shard. */
export function overwrittenPools(count: number, bufferBytes: number): ShardPools {
  return overwrittenMemory(1, count, bufferBytes).shards[0] as ShardPools;
}

/** @throws if a place for a piece is taken */
export function expectNoPieces({ freeCount }: PieceBuffers): void {
  if (freeCount !== PIECES) throw new Error(`${PIECES - freeCount} pieces are kept though no line waits`);
}

/** @throws if a write buffer is kept */
export function expectAllFree(writeBuffers: WriteBuffers): void {
  const staged = Array.from({ length: WRITE_BUFFERS }, () => {
    const isFree = writeBuffers.roomFor(1) >= 0;
    const bytes = writeBuffers.stage(new Uint8Array(1));
    writeBuffers.keep(bytes);
    return { isFree, bytes };
  });
  for (const { bytes } of staged) writeBuffers.release(bytes);
  const kept = staged.filter(({ isFree }) => !isFree).length;
  if (kept > 0) throw new Error(`${kept} write buffers are kept though nothing is being written`);
}

function poolBytes(count: number, bufferBytes: number): number {
  return count * Int32Array.BYTES_PER_ELEMENT + count * bufferBytes;
}
