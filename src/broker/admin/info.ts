/** What a broker is, and how near its limits are. */
import { resolve } from 'node:path';
import type { Config } from '../../shared/common/config.ts';
import { ownVersion } from '../../shared/version.ts';
import { memoryBound } from '../memory-bound.ts';
import type { ShardSums } from './stats.ts';

/** One limit of the broker, and how much of it is used. */
interface LimitRow {
  readonly limit: string;
  readonly used: number;
  readonly most: number;
}

/** A broker as a whole. Times are in milliseconds since 1970. */
export interface Info {
  readonly version: string;
  readonly node: string;
  readonly startedAt: number;
  readonly uptimeSeconds: number;
  readonly shards: number;
  readonly connections: number;
  readonly names: number;
  /** The bound is null if a limit that it follows from is unlimited. */
  readonly memory: { readonly rssBytes: number; readonly boundBytes: number | null };
  readonly listening: { readonly host: string; readonly port: number; readonly http: string | null };
  /** The folder of the store; null if nothing is held. */
  readonly dataDir: string | null;
  readonly draining: boolean;
  readonly logLevel: string;
  /** Those that are not unlimited. */
  readonly limits: readonly LimitRow[];
}

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
