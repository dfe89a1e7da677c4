/** Samples for several tests: records that are put and read, and settings of a shard. */
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';

export const FLUSH = { kind: 'flush', flushId: 7 } as const;
export const RETURN = {
  kind: 'return',
  attachment: 5,
  name: 'bob',
  last: true,
  writtenFrames: 1,
  writtenBytes: 10,
  writtenNumber: 8,
  runs: [['one', 'two'], [], ['three']],
} as const;
export const returned = { ...RETURN, runs: RETURN.runs.map((run) => [...run]) };

/** The settings of a shard in a unit test: mail is held, and only the window is limited. */
export const BENCH_SETTINGS: Omit<ShardSettings, 'firstWindowBytes'> = {
  holdSeconds: 1000,
  holdUnknown: false,
  maxNameBytes: 100,
  notices: true,
  strict: false,
  mailboxMaxMessages: Number.POSITIVE_INFINITY,
  mailboxMaxBytes: Number.POSITIVE_INFINITY,
  writeWindowBytes: 1_000_000,
  frontBytes: 1_000_000,
  memoryBytes: 0,
  fullMemoryBytes: Number.POSITIVE_INFINITY,
  handedBytes: Number.POSITIVE_INFINITY,
  unreportedBytes: 0,
  reservePercent: 0,
  maxNames: Number.POSITIVE_INFINITY,
  dedupeSeconds: 120,
  dedupeMax: Number.POSITIVE_INFINITY,
};
