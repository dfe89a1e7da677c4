/** What the admin API answers. Times are in milliseconds since 1970. */
import type { Sample } from '../../../../../broker/admin/answers.ts';
import type { AskedName } from '../../../../../shared/wire/port/asked.ts';

export type { Info, LimitRow, Sample, ShardRow } from '../../../../../broker/admin/answers.ts';
export type NameRow = AskedName;

export interface HistoryAnswer {
  readonly samples: readonly Sample[];
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
