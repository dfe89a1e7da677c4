/** Divides the shared memory. */
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import { Arena } from '../shared/memory/arena.ts';
import { BufferPool } from '../shared/memory/buffer-pool.ts';
import { PIECE_BYTES, PieceBuffers } from '../shared/memory/piece-buffers.ts';
import { PostRing } from '../shared/memory/post-ring.ts';
import { WRITE_BUFFER_BYTES, WriteBuffers } from '../shared/memory/write-buffers.ts';
import { FULL_BATCH_BYTES } from '../shared/wire/batch.ts';
import { FrameGatherer } from '../shared/wire/frames/frame-gatherer.ts';

/** The most bytes of one read. */
const READ_BUFFER_BYTES = 64 * 1024;
/** The write buffers that all writers share. */
const WRITE_BUFFERS = 128;
/** The places for what was read and has to wait for a shard. */
const PIECES = 64;
/** The buffers of a shard: as many as can be under way below the high-water mark, and one that is being filled. */
const TO_SHARD_BUFFERS = 4;
/** The size of such a buffer: a full batch, and the record that made it full. */
const TO_SHARD_BYTES = FULL_BATCH_BYTES + 128 * 1024;
/** The buffers in which a shard posts. */
const TO_MAIN_BUFFERS = 32;
/** The size of such a buffer: a delivery that fills the default window of a writer, unless its frames are tiny. */
const TO_MAIN_BYTES = 320 * 1024;

/** The buffer pools between the main thread and one shard, one for each direction. */
export interface ShardPools {
  readonly toShard: BufferPool;
  readonly toMain: BufferPool;
  /** Gathers frames that the shard delivers from buffers of `toShard`. */
  readonly gatherer: FrameGatherer;
}

/** The rings of posts between the main thread and one shard, one for each direction. */
export interface ShardRings {
  readonly toShard: PostRing;
  readonly toMain: PostRing;
}

/**
 * Allocates the memory of a broker.
 * @throws StartError if the system has not enough
 */
export function planMemory(shards: number): MemoryPlan {
  try {
    return new MemoryPlan(shards);
  } catch (error) {
    throw new StartError(`no memory for ${shards} shards: ${messageOf(error)}`, EXIT_FAILED, { cause: error });
  }
}

/** The arena, and the places in it. */
export class MemoryPlan {
  readonly arena: Arena;
  /** All sockets share one, because what was read is processed or copied before the next read. */
  readonly readBuffer: Buffer;
  readonly pieces: PieceBuffers;
  readonly writeBuffers: WriteBuffers;
  readonly shards: readonly ShardPools[];
  readonly rings: readonly ShardRings[];

  constructor(shards: number) {
    const perShard =
      BufferPool.bytes(TO_SHARD_BUFFERS, TO_SHARD_BYTES) +
      BufferPool.bytes(TO_MAIN_BUFFERS, TO_MAIN_BYTES) +
      PostRing.BYTES * 2;
    const arena = new Arena(
      READ_BUFFER_BYTES +
        PIECES * PIECE_BYTES +
        WRITE_BUFFERS * WRITE_BUFFER_BYTES +
        FrameGatherer.BYTES +
        shards * perShard,
    );
    const { memory } = arena;
    this.arena = arena;
    this.readBuffer = Buffer.from(memory.buffer, arena.allocate(READ_BUFFER_BYTES), READ_BUFFER_BYTES);
    this.pieces = new PieceBuffers(memory, arena.allocate(PIECES * PIECE_BYTES), PIECES);
    this.writeBuffers = new WriteBuffers(memory, arena.allocate(WRITE_BUFFERS * WRITE_BUFFER_BYTES), WRITE_BUFFERS);
    const gatherer = new FrameGatherer(memory, arena.allocate(FrameGatherer.BYTES), this.writeBuffers);
    this.shards = Array.from({ length: shards }, () => ({
      gatherer,
      toShard: BufferPool.in(arena, TO_SHARD_BUFFERS, TO_SHARD_BYTES),
      toMain: BufferPool.in(arena, TO_MAIN_BUFFERS, TO_MAIN_BYTES),
    }));
    this.rings = this.shards.map(() => ({ toShard: PostRing.in(arena), toMain: PostRing.in(arena) }));
  }
}
