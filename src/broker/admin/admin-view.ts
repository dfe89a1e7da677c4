/** What an operator can see and do of a running broker. Nothing of it is on the way of a message. */

import type { Speaks } from '../../session/program/program.ts';
import type { LOG_LEVELS } from '../../shared/common/config.ts';
import type { AskedMessage, AskedName, AskedRefusal } from '../../shared/wire/port/asked.ts';
import type { Standing } from '../../shared/wire/records.ts';
import type { TransportKind } from '../../transport/transport.ts';
import type { Info, ShardRow } from './answers.ts';
import type { History } from './history.ts';

/** The columns by which connections are sorted. */
export const CONNECTION_SORTS = ['since', 'name', 'waiting', 'read', 'written'] as const;

/** Which connections are listed. */
export interface ConnectionsQuestion {
  readonly sort: (typeof CONNECTION_SORTS)[number];
  readonly order: 'asc' | 'desc';
  readonly limit: number;
  readonly offset: number;
  /** The name begins with it. */
  readonly name: string;
}

/** One connection. */
export interface ConnectionRow {
  readonly id: number;
  /** As the peer wrote it; null until it has given one. */
  readonly name: string | null;
  readonly peer: string;
  readonly transport: TransportKind;
  readonly speaks: Speaks;
  readonly standing: Standing;
  /** In milliseconds since 1970. */
  readonly since: number;
  /** What its writer was given and has not worked off. */
  readonly waitingMessages: number;
  readonly waitingBytes: number;
  readonly unacknowledgedMessages: number;
  readonly readBytes: number;
  readonly writtenBytes: number;
}

/** Some of the connections, and how many there are of those that are asked for. */
export interface ConnectionsPage {
  readonly total: number;
  readonly connections: readonly ConnectionRow[];
}

/** Which names are listed. */
export interface NamesAsked {
  readonly prefix: string;
  readonly state: 'here' | 'away' | 'any';
  readonly waiting: boolean;
  readonly limit: number;
  /** The name behind which the answer begins; undefined for the first answer. */
  readonly after: string | undefined;
}

/** Some of the names. */
export interface NamesAnswer {
  readonly names: readonly AskedName[];
  readonly more: boolean;
  /** What `after` of the next question is; null if there is no more. */
  readonly next: string | null;
}

/** Why something is not done; `down` if the shard is not there, or does not answer in time. */
export type Refusal = AskedRefusal | { readonly state: 'down' };

/** The mail of a name, or a part of it. */
export interface MailAnswer {
  readonly state: 'mail';
  readonly messages: readonly AskedMessage[];
  readonly more: boolean;
  readonly inHands: number;
}

/** How many messages were purged, and whether there was no time for all. */
export interface PurgeAnswer {
  readonly state: 'purged';
  readonly purged: number;
  readonly more: boolean;
}

/** A backup that is given out: its first bytes, and the others. It must be read to its end, or `return` be called. */
export interface BackupPieces {
  readonly head: Uint8Array;
  readonly pieces: AsyncGenerator<Uint8Array, undefined>;
}

/** A backup, or why there is none; `secret` if names are proved, and who asks may not have what is theirs. */
export type BackupAnswer =
  | ({ readonly state: 'backup' } & BackupPieces)
  | { readonly state: 'nothing' | 'under way' | 'secret' | 'stopping' }
  | { readonly state: 'unreadable'; readonly reason: string };

/** A broker as its operator sees it. */
export interface AdminView {
  info(): Promise<Info>;
  connections(question: ConnectionsQuestion): ConnectionsPage;
  /** Ends a connection. Its peer is told. @returns false if there is none with this id */
  kick(id: number): boolean;
  names(question: NamesAsked): Promise<NamesAnswer | Refusal>;
  /** @param after the number behind which the messages are */
  mail(name: string, after: number, limit: number): Promise<MailAnswer | Refusal>;
  /** Drops all mail that waits for a name now. */
  purge(name: string): Promise<PurgeAnswer | Refusal>;
  /** Drops one message that waits. */
  purgeOne(name: string, seq: number): Promise<PurgeAnswer | Refusal>;
  shards(): Promise<readonly ShardRow[]>;
  /** The last ten minutes. */
  readonly history: History;
  /** Begins a backup of the store. @param withSecrets whether who asks may have what belongs to proved names */
  backup(withSecrets: boolean): Promise<BackupAnswer>;
  setLogLevel(level: (typeof LOG_LEVELS)[number]): void;
  /** Begins to stop the broker, and does not wait for it. */
  drain(): void;
  /** Resolves when `drain` was called. */
  readonly drainWished: Promise<void>;
}
