/** How the shared memory is divided up. */
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import { Arena } from '../shared/memory/arena.ts';
import { LentBuffers } from '../shared/memory/buffer-pool.ts';
import { SLAB_BYTES, WriteSlabs } from '../shared/memory/write-buffers.ts';
import { FULL_BATCH_BYTES } from '../shared/wire/batch.ts';

/** What one read takes at most. */
const READ_BUFFER_BYTES = 64 * 1024;
const WRITE_SLABS = 128;
/** As many as can be under way before the high-water mark, and one that is filled. */
const TO_SHARD_BUFFERS = 4;
/** A full batch, and the record that filled it. */
const TO_SHARD_BYTES = FULL_BATCH_BYTES + 128 * 1024;
const TO_MAIN_BUFFERS = 32;
/** A delivery that fills the window of a writer as it is by default, if its frames are not tiny. */
const TO_MAIN_BYTES = 320 * 1024;

/** The buffers between the main thread and one shard. */
export interface Lending {
  readonly toShard: LentBuffers;
  readonly toMain: LentBuffers;
}

/**
 * The memory of a broker.
 * @throws StartError if the system has none
 */
export function planMemory(shards: number): MemoryPlan {
  try {
    return new MemoryPlan(shards);
  } catch (error) {
    throw new StartError(`no memory for ${shards} shards: ${messageOf(error)}`, EXIT_FAILED, { cause: error });
  }
}

export class MemoryPlan {
  readonly arena: Arena;
  /** One for all sockets: what was read is worked off before the next read. */
  readonly readBuffer: Buffer;
  readonly slabs: WriteSlabs;
  readonly shards: readonly Lending[];

  constructor(shards: number) {
    const perShard =
      LentBuffers.bytes(TO_SHARD_BUFFERS, TO_SHARD_BYTES) + LentBuffers.bytes(TO_MAIN_BUFFERS, TO_MAIN_BYTES);
    const arena = new Arena(READ_BUFFER_BYTES + WRITE_SLABS * SLAB_BYTES + shards * perShard);
    const { memory } = arena;
    this.arena = arena;
    this.readBuffer = Buffer.from(memory.buffer, arena.allocate(READ_BUFFER_BYTES), READ_BUFFER_BYTES);
    this.slabs = new WriteSlabs(memory, arena.allocate(WRITE_SLABS * SLAB_BYTES), WRITE_SLABS);
    this.shards = Array.from({ length: shards }, () => ({
      toShard: LentBuffers.in(arena, TO_SHARD_BUFFERS, TO_SHARD_BYTES),
      toMain: LentBuffers.in(arena, TO_MAIN_BUFFERS, TO_MAIN_BYTES),
    }));
  }
}
