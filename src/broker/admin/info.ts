/** What a broker is, and how near its limits are. */
import { resolve } from 'node:path';
import type { Config } from '../../shared/common/config.ts';
import { ownVersion } from '../../shared/version.ts';
import { memoryBound } from '../memory-bound.ts';
import type { Info } from './answers.ts';
import type { ShardSums } from './stats.ts';

/** What it is made of. */
interface Known {
  readonly config: Config;
  readonly startedAt: number;
  readonly connections: number;
  readonly sums: ShardSums;
  readonly listening: Info['listening'];
  readonly draining: boolean;
  readonly logLevel: string;
}

/** Puts together what a broker is. */
export function infoOf({ config, startedAt, connections, sums, listening, draining, logLevel }: Known): Info {
  const { MAX_CONNECTIONS, MAX_NAMES, HELD_MAX_BYTES, HOLD_SECONDS, DATA_DIR, SHARDS } = config;
  const bound = memoryBound(config).total;
  const rssBytes = process.memoryUsage.rss();
  const limits = [
    { limit: 'MAX_CONNECTIONS', used: connections, most: MAX_CONNECTIONS },
    { limit: 'MAX_NAMES', used: sums.namesAway, most: MAX_NAMES },
    { limit: 'HELD_MAX_BYTES', used: sums.heldBytes, most: HELD_MAX_BYTES },
  ];
  return {
    version: ownVersion(),
    node: process.version,
    startedAt,
    uptimeSeconds: Math.floor((Date.now() - startedAt) / 1000),
    shards: SHARDS,
    connections,
    names: sums.names,
    memory: { rssBytes, boundBytes: Number.isFinite(bound) ? bound : null },
    listening,
    dataDir: HOLD_SECONDS > 0 ? resolve(DATA_DIR) : null,
    draining,
    logLevel,
    limits: limits.filter(({ most }) => Number.isFinite(most)),
  };
}
