/** A backup of a store: all its entries as they were at one moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../database.ts';
import { chunks } from '../entries.ts';
import { type Entry, EVERYTHING } from '../format.ts';
import { type BackupRecord, BrokenBackup, entryBytes, recordBytes, recordsIn } from './records.ts';

/**
 * So many bytes are read of a store a second while a broker uses it, so that its writes find the disk free. Who takes
 * the backup writes them to a disk, too, which may be the same. Measured on one disk, with 120 MiB to copy: the slowest
 * hundredth of durable messages took as long as without a backup (11 and 17 ms; 16 and 7 ms), and with no such limit
 * 54 and 61 ms.
 */
const BYTES_A_SECOND = 8 * 1024 * 1024;
/** What a backup that a broker gives out takes beside the file of accounts: a chunk as entries, as bytes, and sent. */
export const BACKUP_BYTES = 4 * 1024 * 1024;

/** What is copied. */
export interface Backup {
  /** About the size of the store on its disk. */
  readonly sizeBytes: number;
  /** The file of accounts; undefined if there is none. */
  readonly accounts: string | undefined;
  /** All entries, in chunks. They throw if there is no end of them. */
  readonly entries: AsyncIterable<readonly Entry[]>;
}

/** @returns the backup of an open store, which nobody writes to */
export async function backupOf(db: Database, accounts: string | undefined): Promise<Backup> {
  return { sizeBytes: await sizeOf(db), accounts, entries: chunks(db, EVERYTHING) };
}

/** @returns about the size of a store on its disk, in bytes */
export function sizeOf(db: Database): Promise<number> {
  return db.approximateSize(EVERYTHING.from, EVERYTHING.to);
}

/**
 * Gives out the backup of a store that a broker uses, slowly. The moment that it shows is that of the first read,
 * before the first bytes.
 * @throws DamagedStore if it cannot be read
 */
export async function* backupBytes(db: Database, accounts: string | undefined): AsyncGenerator<Uint8Array, number> {
  let count = 0;
  const all = chunks(db, EVERYTHING);
  try {
    let read = await all.next();
    yield recordBytes('head', String(await sizeOf(db)));
    if (accounts !== undefined) yield recordBytes('accounts', accounts);
    while (read.done !== true) {
      const bytes = entryBytes(read.value);
      count += read.value.length;
      yield bytes;
      await sleep((bytes.length / BYTES_A_SECOND) * 1000);
      read = await all.next();
    }
    yield recordBytes('end', String(count));
    return count;
  } finally {
    await all.return(undefined);
  }
}

/**
 * Reads a backup that a broker gives out.
 * @throws BrokenBackup if it is none; its entries throw that if they are not all
 */
export async function readBackup(bytes: AsyncIterable<Uint8Array>): Promise<Backup> {
  const records = recordsIn(bytes);
  const head = await next(records);
  if (head?.kind === 'failed') throw new BrokenBackup(textIn(head.value));
  if (head?.kind !== 'head') throw new BrokenBackup('it is no backup');
  const first = await next(records);
  if (first?.kind === 'accounts') {
    return { sizeBytes: numberIn(head.value), accounts: textIn(first.value), entries: entriesIn(records, undefined) };
  }
  return { sizeBytes: numberIn(head.value), accounts: undefined, entries: entriesIn(records, first) };
}

async function next(records: AsyncGenerator<BackupRecord>): Promise<BackupRecord | undefined> {
  const { value, done } = await records.next();
  return done === true ? undefined : value;
}

async function* entriesIn(
  records: AsyncGenerator<BackupRecord>,
  first: BackupRecord | undefined,
): AsyncGenerator<readonly Entry[]> {
  let count = 0;
  for (let record = first ?? (await next(records)); record !== undefined; record = await next(records)) {
    switch (record.kind) {
      case 'entries':
        count += record.entries.length;
        yield record.entries;
        break;
      case 'end':
        if (numberIn(record.value) !== count) throw new BrokenBackup(`${count} entries came, and not all`);
        return;
      case 'failed':
        throw new BrokenBackup(textIn(record.value));
      case 'head':
      case 'accounts':
        throw new BrokenBackup('it is no backup');
      default:
        record satisfies never;
    }
  }
  throw new BrokenBackup('the broker has broken it off');
}

function textIn(value: Uint8Array): string {
  return Buffer.from(value).toString();
}

function numberIn(value: Uint8Array): number {
  return Number(textIn(value));
}
