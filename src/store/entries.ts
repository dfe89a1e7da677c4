/** Reads and writes the store for the mail tool: in order, in bounded memory, and synced. */
import { messageOf } from '../shared/common/errors.ts';
import { DamagedStore, type Database } from './database.ts';
import { type Entry, indexKey, type KeyRange, messageRange, type StoreOp } from './format.ts';

/** Is called now and then with the last key that was read of `range`. */
export type Watch = (db: Database, range: KeyRange, key: Uint8Array) => Promise<void>;

/** The most that is fetched at a time, in bytes and in entries. */
const FETCH_BYTES = 1024 * 1024;
const FETCH_ENTRIES = 1000;

/**
 * @returns all entries of `range` in the order of their keys, from a snapshot at the first read
 * @param watch is called after each chunk
 * @throws DamagedStore if they cannot be read
 */
export async function* entries(db: Database, range: KeyRange, watch?: Watch): AsyncGenerator<Entry> {
  for await (const chunk of chunks(db, range)) {
    yield* chunk;
    const last = chunk[chunk.length - 1];
    if (last !== undefined) await watch?.(db, range, last[0]);
  }
}

/** As `entries`, but in chunks of bounded size. */
export async function* chunks(db: Database, range: KeyRange): AsyncGenerator<readonly Entry[]> {
  const iterator = db.iterator({ gte: range.from, lt: range.to, highWaterMarkBytes: FETCH_BYTES, fillCache: false });
  try {
    for (;;) {
      const chunk = await orDamaged(db, iterator.nextv(FETCH_ENTRIES));
      if (chunk.length === 0) return;
      yield chunk;
    }
  } finally {
    await iterator.close();
  }
}

/**
 * @returns the first entry of `range`; undefined if it has none
 * @throws DamagedStore if it cannot be read
 */
export async function firstOf(db: Database, range: KeyRange): Promise<Entry | undefined> {
  const iterator = db.iterator({ gte: range.from, lt: range.to, limit: 1, fillCache: false });
  try {
    return await orDamaged(db, iterator.next());
  } finally {
    await iterator.close();
  }
}

/**
 * @returns the value of a name's index record; undefined if it has none
 * @throws DamagedStore if it cannot be read
 */
export function indexValueOf(db: Database, name: Uint8Array): Promise<Uint8Array | undefined> {
  return orDamaged(db, db.get(indexKey(name)));
}

/** @returns the range of all keys that a message of `name` can have */
export function mailRange(name: Uint8Array): KeyRange {
  return messageRange(name, 0, Number.MAX_SAFE_INTEGER);
}

/**
 * Makes all of `ops` or none, in their order. With `sync` it resolves when they are on disk. (One call for each record
 * is five times as fast as an array of records, which is cloned and checked one by one.)
 */
export async function write(db: Database, ops: readonly StoreOp[], sync = true): Promise<void> {
  const batch = db.batch();
  for (const op of ops) {
    if (op.type === 'put') batch.put(op.key, op.value);
    else batch.del(op.key);
  }
  await batch.write({ sync });
}

async function orDamaged<T>(db: Database, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    throw new DamagedStore(db.location, messageOf(error), error);
  }
}
