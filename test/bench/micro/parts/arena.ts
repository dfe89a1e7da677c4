/** The memory of the micro-benchmarks: an arena, as in a broker, because copies in other memory take another way. */
import { Arena } from '../../../../src/shared/memory/arena.ts';
import { BufferPool } from '../../../../src/shared/memory/buffer-pool.ts';
import { isLease, type Post } from '../../../../src/shared/wire/batch.ts';
import type { Line } from '../../../../src/shared/wire/message.ts';

const ARENA_BYTES = 64 * 1024 * 1024;
const BUFFERS = 2;
const BUFFER_BYTES = 1024 * 1024;

const arena = new Arena(ARENA_BYTES);

/** @returns a pool of its own, in which a whole post of a benchmark fits into a buffer */
export function pool(): BufferPool {
  return BufferPool.in(arena, BUFFERS, BUFFER_BYTES);
}

/** @returns a line as it stands in the arena after it was read */
export function lineInArena(line: Uint8Array): Line {
  const { memory } = arena;
  const at = arena.allocate(line.length);
  memory.bytes.set(line, at);
  return { bytes: memory.bytes, start: at, end: at + line.length, memory, offset: 0 };
}

/** Releases the buffer of a post that was read. */
export function release(post: Post): void {
  if (isLease(post)) post.from.release(post.number);
}
