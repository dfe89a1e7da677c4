/**
 * What a shard finds in the store when it begins: its names, and how much mail each has. Where the broker before ended
 * in order, that is known without a look at the mail; otherwise all mail is counted, because LevelDB passes over what
 * is damaged in its log without a word.
 */
import { widen } from '../../src/shared/common/serial.ts';
import type { Handed } from '../../src/shared/wire/shard-task.ts';
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
import { nameKey } from '../names/name-table.ts';
import { isDamage, type Store } from './store.ts';

const CHUNK_BYTES = 1024 * 1024;
/** Stands for a record that is none: its mail is looked at. */
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

/** Which names, and what is known of them beside the store. */
export interface Scope {
  readonly mine: (name: Uint8Array) => boolean;
  /** What of the mail a shard before this one has handed out. */
  readonly handed: readonly Handed[];
  /** Whether all mail is counted, whatever its index record says. */
  readonly compare: boolean;
}

/** A name of the store, and its mail as it is. */
export interface Recovered {
  readonly name: Uint8Array;
  /** `count` and `bytes` are exact, and of what waits: not of what is in a writer's hands. */
  readonly record: IndexRecord;
  /** What waits has numbers from this on. */
  readonly tailFrom: number;
  /** All up to this number is written to its peer already. */
  readonly written: number;
  /** Of what waits, these had been handed out before: they may come back as well. */
  readonly handedBefore: readonly number[];
  /** Messages that the record of the store counts, and that are not there. */
  readonly missing: number;
  /** Whether the store's own record says something else. */
  readonly differs: boolean;
}

/**
 * Gives `found` every name of the store that is in `scope`. Where somebody was attached when the broker or the shard
 * ended without a word, the mail itself is counted in any case.
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
  handed: readonly Handed[],
  compare: boolean,
): Promise<Recovered> {
  const { from, next } = record;
  const greatest = (low: (of: Handed) => number) =>
    Math.max(0, ...handed.filter((of) => low(of) !== 0).map((of) => widen(low(of), next)));
  const last = greatest((of) => of.handedNumber);
  const kept = greatest((of) => of.keptNumber);
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
        // Who reads it passes over what cannot be read. Where the record cannot be trusted either, nothing is known.
        if (isDamage(error) && !record.present && handed.length === 0) return asRecorded;
        throw error;
      });
  const differs = counted.count !== record.count || counted.bytes !== record.bytes || counted.to !== record.to;
  // A range of numbers without any mail would keep the name from being forgotten.
  const range = compare && all === 0 ? { from: counted.next, to: counted.next } : {};
  return {
    name,
    record: { ...counted, ...range, next: Math.max(counted.next, last + 1) },
    tailFrom: Math.max(counted.from, keptTo),
    written,
    handedBefore,
    // A shard that took over from another finds what that one has deleted since: nothing is said of it then.
    missing: compare && handed.length === 0 ? Math.max(0, record.count - all) : 0,
    differs: compare && differs,
  };
}

/**
 * The record as the name's mail from `tailFrom` on says it is, and how many messages there are in `all`; `visit` is
 * called with the number of each that is counted.
 */
async function countedFrom(
  store: Store,
  name: Uint8Array,
  record: IndexRecord,
  tailFrom: number,
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
    if (number < tailFrom) continue;
    visit(number);
    // One that is no message is counted too: who comes upon it takes it from the count again, and says so.
    const message = readMessage(key, value);
    if (count === 0) oldest = message?.heldAt ?? 0;
    count++;
    bytes += message?.frame.length ?? 0;
  }
  const next = Math.max(record.next, to);
  return { counted: { ...record, from, to, count, bytes, oldest, next }, all };
}

/** Every name that has mail: one look at each, whatever it has. */
async function* namesWithMail(store: Store): AsyncGenerator<Uint8Array> {
  let { from } = MESSAGES_RANGE;
  for (;;) {
    const [first] = await read(store, { from, to: MESSAGES_RANGE.to }, 1).catch((error: Error) => {
      // Whose mail that is cannot be seen: names with an index record are known all the same.
      if (isDamage(error)) return [];
      throw error;
    });
    if (first === undefined) return;
    const name = readMessageKey(first[0])?.name;
    if (name !== undefined) yield name;
    from = behind(name === undefined ? first[0] : messageKey(name, Number.MAX_SAFE_INTEGER));
  }
}

function byName(handed: readonly Handed[]): Map<string, Handed[]> {
  const map = new Map<string, Handed[]>();
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

/** The first key behind `key`. */
function behind(key: Uint8Array): Uint8Array {
  return Buffer.concat([key, Buffer.from([0])]);
}

function read(store: Store, range: KeyRange, maxBytes: number): Promise<readonly Entry[]> {
  return new Promise((resolve, reject) => {
    store.read(range, maxBytes, (error, found) => (error === undefined ? resolve(found) : reject(error)));
  });
}
