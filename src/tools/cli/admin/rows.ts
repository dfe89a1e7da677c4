/** Long lists of the admin API, a page at a time. */
import type { AdminApi } from './api.ts';

const PAGE = 1_000;

/** A name with mail. */
export interface NameRow {
  readonly name: string;
  readonly waitingMessages: number;
  readonly waitingBytes: number;
  readonly oldestSeconds: number;
}

/** A message that waits. Times are in milliseconds since 1970. */
export interface MessageRow {
  readonly seq: number;
  readonly from: string;
  readonly at: number;
  readonly text: string;
  readonly cut?: true;
}

interface NamesPage {
  readonly names: readonly NameRow[];
  readonly more: boolean;
  readonly next: string | null;
}

interface MailPage {
  readonly messages: readonly MessageRow[];
  readonly more: boolean;
}

/** All names with mail that waits. @throws ApiError */
export async function* namesWithMail(api: AdminApi): AsyncGenerator<NameRow> {
  let after = '';
  for (;;) {
    const page = await api.ask<NamesPage>(`/names?waiting=yes&limit=${PAGE}${after}`);
    yield* page.names;
    if (!page.more || page.next === null) return;
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}

/** All messages that wait for a name, in order. @throws ApiError */
export async function* mailThatWaits(api: AdminApi, name: string): AsyncGenerator<MessageRow> {
  let after = 0;
  for (;;) {
    const page = await api.ask<MailPage>(`${mailPath(name)}?limit=${PAGE}&after=${after}`);
    yield* page.messages;
    const last = page.messages.at(-1);
    if (!page.more || last === undefined) return;
    after = last.seq;
  }
}

/** Purges all mail of a name. @returns how many messages. @throws ApiError */
export async function purgeMail(api: AdminApi, name: string): Promise<number> {
  let purged = 0;
  for (;;) {
    const answer = await api.ask<{ readonly purged: number; readonly more: boolean }>(mailPath(name), 'DELETE');
    purged += answer.purged;
    if (!answer.more) return purged;
  }
}

function mailPath(name: string): string {
  return `/names/${encodeURIComponent(name)}/mail`;
}
