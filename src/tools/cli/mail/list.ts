/** The `list` command: which names have mail, how much, and since when. */
import { isoTime, textOf } from '../../../shared/common/text.ts';
import type { Database } from '../../../store/database.ts';
import { entries, firstOf, mailRange } from '../../../store/entries.ts';
import {
  type IndexRecord,
  messageRange,
  NAMES_RANGE,
  nameOfIndexKey,
  readIndexValue,
  readMessage,
} from '../../../store/format.ts';
import { tally } from './counts.ts';

interface MailRow {
  readonly name: string;
  readonly messages: number;
  readonly bytes: number;
  /** When the first of its messages was held, in ISO 8601. */
  readonly oldest: string;
}

/** The result of `list`. */
export interface MailList {
  readonly names: readonly MailRow[];
  readonly totals: { readonly names: number; readonly messages: number; readonly bytes: number };
}

/** The mail of a name, counted exactly. */
type Extent = Pick<IndexRecord, 'count' | 'bytes' | 'oldest'>;

/**
 * @returns all names that have mail, in the order of their bytes
 * @throws DamagedStore if the database cannot be read
 */
export async function listMail(db: Database): Promise<MailList> {
  const names: MailRow[] = [];
  let messages = 0;
  let bytes = 0;
  for await (const [key, value] of entries(db, NAMES_RANGE)) {
    const name = nameOfIndexKey(key) as Uint8Array;
    const extent = await extentOf(db, name, readIndexValue(value));
    if (extent.count === 0) continue;
    names.push({
      name: textOf(name),
      messages: extent.count,
      bytes: extent.bytes,
      oldest: isoTime(extent.oldest),
    });
    messages += extent.count;
    bytes += extent.bytes;
  }
  return { names, totals: { names: names.length, messages, bytes } };
}

/**
 * Finds what a starting broker would find. If a session was attached when the last broker ended without an update, the
 * mail is counted.
 */
async function extentOf(db: Database, name: Uint8Array, record: IndexRecord | undefined): Promise<Extent> {
  if (record === undefined) return tally(db, mailRange(name));
  if (record.present) return tally(db, messageRange(name, record.from, record.to));
  return record.count === 0 ? record : { ...record, oldest: await firstHeldAt(db, name, record) };
}

/** The time in the record can be too old, because the record is not written for every message that is delivered. */
async function firstHeldAt(db: Database, name: Uint8Array, record: IndexRecord): Promise<number> {
  const first = await firstOf(db, messageRange(name, record.from, record.to));
  const message = first === undefined ? undefined : readMessage(...first);
  return message?.heldAt ?? record.oldest;
}
