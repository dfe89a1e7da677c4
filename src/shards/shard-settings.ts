/** The settings of each shard. Limits of the whole broker are divided among the shards. */
import type { Config } from '../shared/common/config.ts';
import type { ShardLimits, ShardSettings } from '../shared/wire/port/shard-task.ts';
import { firstWindowBytes, reportAfterBytes } from './window-sizes.ts';

/** See ShardSettings, frontBytes. */
const FRONT_BYTES = 64 * 1024;
/** See ShardSettings, memoryBytes; this is the sum of all shards. */
const MEMORY_BYTES = 32 * 1024 * 1024;
/** See ShardSettings, fullMemoryBytes and handedBytes; these are the sums of all shards. */
export const FULL_MEMORY_BYTES = 64 * 1024 * 1024;
export const HANDED_BYTES = 64 * 1024 * 1024;

/** The settings of one shard of a broker. */
export function shardSettings(config: Config): ShardSettings {
  const limits = shardLimits(config);
  return {
    holdSeconds: config.HOLD_SECONDS,
    holdUnknown: config.HOLD_UNKNOWN === 'on' && config.HOLD_SECONDS > 0,
    notices: config.NOTICES === 'on',
    strict: config.STRICT === 'on',
    mailboxMaxMessages: limits.mailboxMaxMessages,
    mailboxMaxBytes: limits.mailboxMaxBytes,
    writeWindowBytes: config.WRITE_WINDOW_BYTES,
    firstWindowBytes: firstWindowBytes(config),
    frontBytes: FRONT_BYTES,
    memoryBytes: Math.floor(MEMORY_BYTES / config.SHARDS),
    fullMemoryBytes: Math.floor(FULL_MEMORY_BYTES / config.SHARDS),
    handedBytes: Math.floor(HANDED_BYTES / config.SHARDS),
    unreportedBytes: reportAfterBytes(config),
    reservePercent: limits.reservePercent,
    maxNames: limits.maxNames,
    maxNameBytes: config.MAX_NAME_BYTES,
    dedupeSeconds: limits.dedupeSeconds,
    dedupeMax: limits.dedupeMax,
  };
}

/** The limits of one shard that may change while it runs. */
export function shardLimits(config: Config): ShardLimits {
  return {
    mailboxMaxMessages: config.MAILBOX_MAX_MESSAGES,
    mailboxMaxBytes: config.MAILBOX_MAX_BYTES,
    heldMaxBytes: config.HELD_MAX_BYTES,
    reservePercent: config.FAIR_RESERVE_PERCENT,
    maxNames: Math.ceil(config.MAX_NAMES / config.SHARDS),
    dedupeSeconds: config.DEDUPE_SECONDS,
    dedupeMax: Math.ceil(config.DEDUPE_MAX / config.SHARDS),
  };
}
