/**
 * How much memory the whole process may come to take, whatever is sent to it: what follows from the settings and the
 * limits in the code. It is a bound and no forecast: each part is what it is when all that it stands for is full at
 * once.
 */
import { MOST_COST_BYTES } from '../router/cost-mark.ts';
import { HIGH_WATER_BYTES } from '../router/outbox.ts';
import { GATE_BYTES } from '../session/reader/name-gate.ts';
import { FULL_MEMORY_BYTES, HANDED_BYTES } from '../shards/shard-settings.ts';
import { largestFrameBytes, reportAfterBytes } from '../shards/window-sizes.ts';
import type { Config } from '../shared/common/config.ts';

const MIB = 1024 * 1024;
/** Node, the code, the main thread's heap, the database, and what the C library keeps for the next time. */
const FIXED_BYTES = 192 * MIB;
/**
 * A shard's thread, its heap, its part of the shared memory, and two groups for the disk that are gathered and written.
 */
const THREAD_BYTES = 64 * MIB;
/** What is packed in segments that grow takes up to twice its size. */
const PACKED = 2;
/** A session with its socket, its writer and its timers. */
const SESSION_BYTES = 24 * 1024;
/** What is read of a mailbox at a time, however short memory is (workers/mailbox/disk/disk.ts). */
const LEAST_READ_BYTES = 8 * 1024;
/** A name in its shard's table, without its own bytes: a name of 256 bytes is rare, one of 32 is not. */
const NAME_BYTES = 1_200;

/** The parts of the bound, in bytes; `Infinity` where a setting is unlimited. */
export interface MemoryBound {
  readonly fixed: number;
  readonly shards: number;
  /** What writers and mailboxes share, however many they are. */
  readonly mail: number;
  readonly connections: number;
  readonly names: number;
  readonly total: number;
}

/** The bound that follows from the settings. */
export function memoryBound(config: Config): MemoryBound {
  const fixed = FIXED_BYTES;
  const shards = config.SHARDS * (THREAD_BYTES + MOST_COST_BYTES + HIGH_WATER_BYTES);
  const inMemory = config.HOLD_SECONDS === 0 ? config.HELD_MAX_BYTES : FULL_MEMORY_BYTES;
  const mail = PACKED * (HANDED_BYTES + inMemory);
  const connections = config.MAX_CONNECTIONS * connectionBytes(config);
  const names = config.HOLD_SECONDS === 0 ? 0 : config.MAX_NAMES * NAME_BYTES;
  return { fixed, shards, mail, connections, names, total: fixed + shards + mail + connections + names };
}

/** What one connection can take beyond what all share: part of a line, a piece that waits, and two frames. */
function connectionBytes(config: Config): number {
  const line = PACKED * config.MAX_LINE_BYTES;
  const frames = 2 * largestFrameBytes(config) + reportAfterBytes(config) + LEAST_READ_BYTES;
  // A piece that waits for a shard or for its turn; or what is read while the name is not its own, and one read more.
  const kept = 2 * GATE_BYTES;
  return SESSION_BYTES + line + kept + frames;
}

/** A size for people: `4.5 GiB`. */
export function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes)) return 'unlimited';
  for (const [unit, size] of [
    ['TiB', 1024 * 1024 * MIB],
    ['GiB', 1024 * MIB],
  ] as const) {
    if (bytes >= size) return `${(bytes / size).toFixed(1)} ${unit}`;
  }
  return `${Math.ceil(bytes / MIB)} MiB`;
}

/** The bound in one line for the log. */
export function boundText(config: Config): string {
  const { total, connections, names } = memoryBound(config);
  if (!Number.isFinite(total)) return 'memory has no bound: a limit that it follows from is unlimited';
  const of = `${sizeText(connections)} of it for ${config.MAX_CONNECTIONS} connections`;
  return `memory is bound to ${sizeText(total)}: ${of}, ${sizeText(names)} for ${config.MAX_NAMES} names`;
}
