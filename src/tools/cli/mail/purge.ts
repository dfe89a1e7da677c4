/** The `purge` command: it deletes the mail of one name, in steps. The store is sound after each. */
import type { Database } from '../../../store/database.ts';
import { chunks, indexValueOf, mailRange, write } from '../../../store/entries.ts';
import {
  type Entry,
  indexKey,
  indexValue,
  readIndexValue,
  readMessage,
  readMessageKey,
  type StoreOp,
} from '../../../store/format.ts';
import { recordOf, type Tally, tally } from './counts.ts';

/** The result of `purge`. */
export interface Purged {
  readonly messages: number;
  readonly bytes: number;
  /** Whether the store knows the name, which it still does after this. */
  readonly known: boolean;
}

/**
 * Deletes all mail of `name`, also what cannot be read. The store still knows the name if it did.
 * @param now seconds since 1970
 * @throws DamagedStore if the database cannot be read
 */
export async function purge(db: Database, name: Uint8Array, now: number): Promise<Purged> {
  const value = await indexValueOf(db, name);
  const known = value !== undefined;
  const record = known ? readIndexValue(value) : undefined;
  const left = await tally(db, mailRange(name));
  let messages = 0;
  let bytes = 0;
  for await (const chunk of chunks(db, mailRange(name))) {
    const mail = chunk.filter(([key]) => readMessageKey(key) !== undefined);
    messages += mail.length;
    bytes += takeAll(left, mail);
    const ops: StoreOp[] = mail.map(([key]) => ({ type: 'del', key }));
    if (known) ops.push({ type: 'put', key: indexKey(name), value: indexValue(recordOf(record, left, now)) });
    await write(db, ops);
  }
  return { messages, bytes, known };
}

/** Removes these entries, which are the first ones, from `left`. @returns the bytes of those that can be read */
function takeAll(left: Tally, mail: readonly Entry[]): number {
  const before = left.bytes;
  for (const [key, value] of mail) {
    const message = readMessage(key, value);
    if (message !== undefined) left.takeFirst(message.number, message.frame.length);
  }
  return before - left.bytes;
}
