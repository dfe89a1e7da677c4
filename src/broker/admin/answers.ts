/**
 * What an operator is told of a broker, as the admin API answers it (docs/HTTP.md). The page reads these types, too, so
 * nothing here may need Node.
 */

/** One shard. Where it is down, its figures are 0. */
export interface ShardRow {
  readonly shard: number;
  readonly up: boolean;
  readonly restarts: number;
  /** In milliseconds since 1970; null if it has never crashed. */
  readonly lastRestartAt: number | null;
  readonly receivedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly names: number;
  /** The part of `heldBytes` that is in memory. */
  readonly memoryBytes: number;
  /** What its thread takes: its heap and its buffers. */
  readonly threadBytes: number;
  /** How late its event loop was on average. */
  readonly loopDelayMs: number;
}

/** A broker at one moment. */
export interface Sample {
  /** In milliseconds since 1970. */
  readonly at: number;
  readonly connections: number;
  readonly rssBytes: number;
  readonly shards: readonly ShardRow[];
}

/** One limit of the broker, and how much of it is used. */
export interface LimitRow {
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
