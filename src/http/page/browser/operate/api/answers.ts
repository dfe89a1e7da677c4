/** What the admin API answers. Times are in milliseconds since 1970. */

export interface ShardRow {
  readonly shard: number;
  readonly up: boolean;
  readonly restarts: number;
  readonly lastRestartAt: number | null;
  readonly receivedPerSecond: number;
  readonly deliveredPerSecond: number;
  readonly heldMessages: number;
  readonly heldBytes: number;
  readonly names: number;
  readonly memoryBytes: number;
  readonly loopDelayMs: number;
}

export interface Sample {
  readonly at: number;
  readonly connections: number;
  readonly rssBytes: number;
  readonly shards: readonly ShardRow[];
}

export interface HistoryAnswer {
  readonly samples: readonly Sample[];
}

export interface LimitRow {
  readonly limit: string;
  readonly used: number;
  readonly most: number;
}

export interface Info {
  readonly version: string;
  readonly node: string;
  readonly startedAt: number;
  readonly names: number;
  readonly memory: { readonly rssBytes: number; readonly boundBytes: number | null };
  readonly dataDir: string | null;
  readonly draining: boolean;
  readonly logLevel: string;
  readonly limits: readonly LimitRow[];
}

export interface ConnectionRow {
  readonly id: number;
  readonly name: string | null;
  readonly peer: string;
  readonly transport: string;
  readonly speaks: string;
  readonly standing: string;
  readonly since: number;
  readonly waitingMessages: number;
  readonly waitingBytes: number;
  readonly unacknowledgedMessages: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

export interface ConnectionsAnswer {
  readonly total: number;
  readonly connections: readonly ConnectionRow[];
}

export interface NameRow {
  readonly name: string;
  readonly state: 'here' | 'away';
  readonly waitingMessages: number;
  readonly waitingBytes: number;
  readonly oldestSeconds: number;
}

export interface NamesAnswer {
  readonly names: readonly NameRow[];
  readonly more: boolean;
  readonly next: string | null;
}

export interface MailRow {
  readonly seq: number;
  readonly from: string;
  readonly at: number;
  readonly bytes: number;
  readonly durable: boolean;
  readonly expires?: number;
  readonly text: string;
  readonly cut?: true;
}

export interface MailPage {
  readonly messages: readonly MailRow[];
  readonly more: boolean;
  readonly inHands: number;
}

export interface PurgedAnswer {
  readonly purged: number;
  readonly more?: boolean;
}
