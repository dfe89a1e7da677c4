/**
 * What a shard finds in the store when it begins: its names, and how much mail each of them has. If the previous broker
 * stopped in order, the index records say how much. If not, all mail is counted: LevelDB skips damaged parts of its log
 * without an error.
 */
import { widen } from '../../src/shared/common/serial.ts';
import type { PriorDelivery } from '../../src/shared/wire/shard-task.ts';
import {
  type Entry,
  FIRST_NUMBER,
  type IndexRecord,
  type KeyRange,
  MESSAGES_RANGE,
  messageKey,
  messageRange,
  NAMES_RANGE,
  nameOfIndexKey,
  readIndexValue,
  readMessage,
  readMessageKey,
} from '../../src/store/format.ts';
import { nameKey } from '../names/name.ts';
import { isDamage, type Store } from './store.ts';

/** About how much is read at a time. */
const CHUNK_BYTES = 1024 * 1024;
/** In place of an index record that is missing or unreadable. It makes all mail of its name be counted. */
const UNREADABLE: IndexRecord = {
  present: true,
  next: FIRST_NUMBER,
  from: 0,
  to: Number.MAX_SAFE_INTEGER,
  count: 0,
  bytes: 0,
  awaySince: 0,
  oldest: 0,
};

/** Which names belong to the shard, and what is known of them beside the store. */
export interface Scope {
  readonly mine: (name: Uint8Array) => boolean;
  /** The mail that the previous life of this shard had handed out. */
  readonly handed: readonly PriorDelivery[];
  /** Whether to count all mail, and not trust the index records. */
  readonly compare: boolean;
}

/** A name in the store, and what was found of its mail. */
export interface Recovered {
  readonly name: Uint8Array;
  /** `count` and `bytes` are exact. They are of the mail that waits, without the mail in a writer's hands. */
  readonly record: IndexRecord;
  /** The number of the first message that waits. Those with lower numbers are written, or in the hands of a writer. */
  readonly waitingFrom: number;
  /** All messages up to this number have been written to their peer. */
  readonly written: number;
  /** The numbers of waiting messages that had been handed out before. A writer may return them as well. */
  readonly handedBefore: readonly number[];
  /** How many messages the index record counts that the store does not have. */
  readonly missing: number;
  /** Whether the index record in the store differs from `record`. */
  readonly differs: boolean;
}

/**
 * Calls `found` with every name in the store that is in `scope`. If a name had a holder when the broker or the shard
 * ended, its mail is counted in any case.
 * @throws the store's own error if it cannot be read
 */
export async function recover(store: Store, scope: Scope, found: (recovered: Recovered) => void): Promise<void> {
  const { mine, handed, compare } = scope;
  const handedOf = byName(handed);
  const known = new Set<string>();
  const take = async (name: Uint8Array, record: IndexRecord) => {
    const key = nameKey(name);
    if (compare) known.add(key);
    found(await recoveredName(store, name, record, handedOf.get(key) ?? [], compare));
  };
  for await (const [key, value] of entries(store, NAMES_RANGE)) {
    const name = nameOfIndexKey(key);
    if (name !== undefined && mine(name)) await take(name, readIndexValue(value) ?? UNREADABLE);
  }
  if (!compare) return;
  for await (const name of namesWithMail(store)) {
    if (mine(name) && !known.has(nameKey(name))) await take(name, UNREADABLE);
  }
}

async function recoveredName(
  store: Store,
  name: Uint8Array,
  record: IndexRecord,
  handed: readonly PriorDelivery[],
  compare: boolean,
): Promise<Recovered> {
  const { from, next } = record;
  const greatest = (low: (of: PriorDelivery) => number) =>
    Math.max(0, ...handed.filter((of) => low(of) !== 0).map((of) => widen(low(of), next)));
  const last = greatest((of) => of.handedNumber);
  const kept = greatest((of) => of.settledNumber);
  const written = greatest((of) => of.writtenNumber);
  const keptTo = Math.max(from, kept + 1);
  const handedBefore: number[] = [];
  const visit = (number: number) => {
    if (number <= last) handedBefore.push(number);
  };
  const trusted = !record.present && handed.length === 0 && !compare;
  const asRecorded = { counted: record, all: record.count };
  const { counted, all } = trusted
    ? asRecorded
    : await countedFrom(store, name, record, keptTo, visit).catch((error: Error) => {
        // Some of the mail is damaged. A record that can be trusted is enough for now, because reads skip what is
        // damaged.
        if (isDamage(error) && !record.present && handed.length === 0) return asRecorded;
        throw error;
      });
  const differs = counted.count !== record.count || counted.bytes !== record.bytes || counted.to !== record.to;
  // A range of records without mail would keep the name from being forgotten.
  const range = compare && all === 0 ? { from: counted.next, to: counted.next } : {};
  return {
    name,
    record: { ...counted, ...range, next: Math.max(counted.next, last + 1) },
    waitingFrom: Math.max(counted.from, keptTo),
    written,
    handedBefore,
    // After a crash of a shard, mail that the record counts may have been deleted since. That is not missing.
    missing: compare && handed.length === 0 ? Math.max(0, record.count - all) : 0,
    differs: compare && differs,
  };
}

/**
 * Counts the mail of a name, and calls `visit` with the number of each message that waits.
 * @returns the corrected record, which counts the mail from `waitingFrom` on; and the number of all messages
 */
async function countedFrom(
  store: Store,
  name: Uint8Array,
  record: IndexRecord,
  waitingFrom: number,
  visit: (number: number) => void,
): Promise<{ readonly counted: IndexRecord; readonly all: number }> {
  let all = 0;
  let count = 0;
  let bytes = 0;
  let oldest = 0;
  let { from, to } = record;
  if (record === UNREADABLE) from = to = 0;
  for await (const [key, value] of entries(store, messageRange(name, record.from, record.to))) {
    const number = readMessageKey(key)?.number;
    if (number === undefined) continue;
    all++;
    if (to === 0) from = number;
    to = Math.max(to, number + 1);
    if (number < waitingFrom) continue;
    visit(number);
    // An invalid message is counted too. The reader removes it from the count when it reads it, and reports it.
    const message = readMessage(key, value);
    if (count === 0) oldest = message?.heldAt ?? 0;
    count++;
    bytes += message?.frame.length ?? 0;
  }
  const next = Math.max(record.next, to);
  return { counted: { ...record, from, to, count, bytes, oldest, next }, all };
}

/** Every name that has mail. Each is found with one read, however much mail it has. */
async function* namesWithMail(store: Store): AsyncGenerator<Uint8Array> {
  let { from } = MESSAGES_RANGE;
  for (;;) {
    const [first] = await read(store, { from, to: MESSAGES_RANGE.to }, 1).catch((error: Error) => {
      // It cannot be seen whose mail is damaged here. Names with an index record are found all the same.
      if (isDamage(error)) return [];
      throw error;
    });
    if (first === undefined) return;
    const name = readMessageKey(first[0])?.name;
    if (name !== undefined) yield name;
    from = behind(name === undefined ? first[0] : messageKey(name, Number.MAX_SAFE_INTEGER));
  }
}

function byName(handed: readonly PriorDelivery[]): Map<string, PriorDelivery[]> {
  const map = new Map<string, PriorDelivery[]>();
  for (const each of handed) {
    const key = nameKey(each.name);
    map.set(key, [...(map.get(key) ?? []), each]);
  }
  return map;
}

async function* entries(store: Store, range: KeyRange): AsyncGenerator<Entry> {
  let { from } = range;
  for (;;) {
    const chunk = await read(store, { from, to: range.to }, CHUNK_BYTES);
    yield* chunk;
    const last = chunk[chunk.length - 1];
    if (last === undefined) return;
    from = behind(last[0]);
  }
}

/** The smallest key that is greater than `key`. */
function behind(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Buffer.from([0])]);
}

function read(store: Store, range: KeyRange, maxBytes: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    store.read(range, maxBytes, (error, found) => (error === undefined ? resolve(found) : reject(error)));
  });
}
