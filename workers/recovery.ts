/** What a shard finds in the store when it begins: its names, and how much mail each has, without a look at the mail. */
import {
  type IndexRecord,
  type KeyRange,
  messageRange,
  NAMES_RANGE,
  nameOfIndexKey,
  readIndexValue,
  readMessage,
} from '../src/mail/format.ts';
import { FIRST_NUMBER } from './numbers.ts';
import type { Entry, Store } from './store.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Stands for a record that is none: its mail is looked at. */
const UNREADABLE: IndexRecord = {
  present: true,
  next: FIRST_NUMBER,
  from: 1,
  to: Number.MAX_SAFE_INTEGER,
  count: 0,
  bytes: 0,
  awaySince: 0,
  oldest: 0,
};

/**
 * Gives `found` every name of the store that is `mine`, with a record that is exact: where somebody was attached when the
 * broker ended without a word, the mail itself is counted.
 * @throws the store's own error if it cannot be read
 */
export async function recover(
  store: Store,
  mine: (name: Uint8Array) => boolean,
  found: (name: Uint8Array, record: IndexRecord) => void,
): Promise<void> {
  for await (const [key, value] of entries(store, NAMES_RANGE)) {
    const name = nameOfIndexKey(key);
    if (name === undefined || !mine(name)) continue;
    const record = readIndexValue(value) ?? UNREADABLE;
    found(name, record.present && record.to > record.from ? await counted(store, name, record) : record);
  }
}

/** The record as the name's mail says it is. */
async function counted(store: Store, name: Uint8Array, record: IndexRecord): Promise<IndexRecord> {
  let count = 0;
  let bytes = 0;
  let from = record.next;
  let to = record.next;
  let oldest = 0;
  for await (const [key, value] of entries(store, messageRange(name, record.from, record.to))) {
    const message = readMessage(key, value);
    if (message === undefined) continue;
    if (count === 0) {
      from = message.number;
      oldest = message.heldAt;
    }
    to = message.number + 1;
    count++;
    bytes += message.frame.length;
  }
  return { ...record, from, to, count, bytes, oldest, next: Math.max(record.next, to) };
}

async function* entries(store: Store, range: KeyRange): AsyncGenerator<Entry> {
  let { from } = range;
  for (;;) {
    const chunk = await read(store, { from, to: range.to });
    yield* chunk;
    const last = chunk[chunk.length - 1];
    if (last === undefined) return;
    from = Buffer.concat([last[0], Buffer.from([0])]);
  }
}

function read(store: Store, range: KeyRange): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    store.read(range, CHUNK_BYTES, (error, found) => (error === undefined ? resolve(found) : reject(error)));
  });
}
