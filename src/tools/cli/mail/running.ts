/** Held mail in the hands of a broker that runs: listed, shown and purged through its admin API. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { EXIT_FAILED, StartError } from '../../../shared/common/errors.ts';
import { counted, escaped, isoTime } from '../../../shared/common/text.ts';
import { type Database, openExisting, StoreInUse } from '../../../store/database.ts';
import { AdminApi, ApiError, DEFAULT_HTTP_URL } from '../admin/api.ts';
import { mailThatWaits, namesWithMail, purgeMail } from '../admin/rows.ts';
import type { MailList } from './list.ts';
import { listAsTable, nothingFor, shownAsLine } from './report.ts';

/** Where the mail is looked for. */
export interface MailPlace {
  readonly dataDir: string;
  /** Whether nobody has named the folder. */
  readonly isUsualFolder: boolean;
  /** The address of the HTTP of a broker; undefined if none is named. */
  readonly url: string | undefined;
  readonly token: string | undefined;
  /** Breaks off what is asked. */
  readonly stop?: AbortSignal;
}

/**
 * Opens the folder, or finds the broker that has it: one that is named, or one at the usual address that says it has
 * this folder. Where there is no folder and none was named, the broker at the usual address will do.
 * @throws ApiError of a broker that is named; otherwise what `openExisting` throws
 */
export async function openMail({ dataDir, isUsualFolder, url, token, stop }: MailPlace): Promise<Database | AdminApi> {
  if (url !== undefined) return new AdminApi(url, token, stop);
  try {
    return await openExisting(dataDir);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const api = new AdminApi(DEFAULT_HTTP_URL, token, stop);
    const isAnyOne = isUsualFolder && !existsSync(dataDir);
    if (isAnyOne || existsSync(dataDir)) {
      const info = await api.ask<{ readonly dataDir: string | null }>('/info').catch((failure: unknown) => {
        // Who has no token is told so. Whatever else answers there has nothing to do with the folder.
        if (failure instanceof ApiError && failure.code === 'TOKEN_NEEDED' && isAnyOne) throw failure;
        return undefined;
      });
      if (info !== undefined && (isAnyOne || info.dataDir === resolve(dataDir))) return api;
    }
    if (!(error instanceof StoreInUse)) throw error;
    throw new StartError(`${error.message}, or name its HTTP with --url`, EXIT_FAILED, { cause: error });
  }
}

/** Lists the names with mail. @throws ApiError */
export async function listRunning(api: AdminApi, json: boolean): Promise<void> {
  const now = Math.floor(Date.now() / 1000);
  const names: MailList['names'][number][] = [];
  for await (const { name, waitingMessages, waitingBytes, oldestSeconds } of namesWithMail(api)) {
    names.push({ name, messages: waitingMessages, bytes: waitingBytes, oldest: isoTime(now - oldestSeconds) });
  }
  names.sort((one, other) => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name)));
  const sum = (of: 'messages' | 'bytes') => names.reduce((total, row) => total + row[of], 0);
  const list = { names, totals: { names: names.length, messages: sum('messages'), bytes: sum('bytes') } };
  console.log(json ? JSON.stringify(list) : listAsTable(list));
}

/** Shows the mail of a name. The broker gives out the beginning of a long text. @throws ApiError */
export async function showRunning(api: AdminApi, name: string, json: boolean): Promise<void> {
  let count = 0;
  try {
    for await (const { seq, from, at, text, cut } of mailThatWaits(api, name)) {
      const line = `from ${from}: ${text}${cut === true ? '…' : ''}`;
      const message = { number: seq, heldAt: isoTime(at / 1000), line };
      if (json) console.log((count === 0 ? '[' : ',') + JSON.stringify(message));
      else console.log(shownAsLine(message));
      count++;
    }
    if (json) console.log(count === 0 ? '[]' : ']');
    else if (count === 0) console.log(nothingFor(name, true));
  } catch (error) {
    if (!isUnknown(error)) throw error;
    console.log(json ? '[]' : nothingFor(name, false));
  }
}

/** Purges the mail of a name. @throws ApiError */
export async function purgeRunning(api: AdminApi, name: string, json: boolean): Promise<void> {
  let known = true;
  const messages = await purgeMail(api, name).catch((error: unknown) => {
    if (!isUnknown(error)) throw error;
    known = false;
    return 0;
  });
  if (json) console.log(JSON.stringify({ name, messages, known }));
  else
    console.log(
      messages === 0 ? nothingFor(name, known) : `purged: ${counted(messages, 'message')} of ${escaped(name)}`,
    );
}

function isUnknown(error: unknown): boolean {
  return error instanceof ApiError && error.code === 'NAME_NOT_KNOWN';
}
