/** What a shard finds in the store when it begins: its names, and how much mail each has, without a look at the mail. */
import type { Handed } from '../src/channel/shard-task.ts';
import {
  type Entry,
  FIRST_NUMBER,
  type IndexRecord,
  type KeyRange,
  messageRange,
  NAMES_RANGE,
  nameOfIndexKey,
  readIndexValue,
  readMessage,
} from '../src/mail/format.ts';
import { nameKey } from './names.ts';
import { fullNumber } from './numbers.ts';
import type { Store } from './store.ts';

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
}

/**
 * Gives `found` every name of the store that is `mine`. Where somebody was attached when the broker or the shard ended
 * without a word, the mail itself is counted.
 * @param handed what of the mail a shard before this one has handed out
 * @throws the store's own error if it cannot be read
 */
export async function recover(
  store: Store,
  mine: (name: Uint8Array) => boolean,
  handed: readonly Handed[],
  found: (recovered: Recovered) => void,
): Promise<void> {
  const handedOf = byName(handed);
  for await (const [key, value] of entries(store, NAMES_RANGE)) {
    const name = nameOfIndexKey(key);
    if (name === undefined || !mine(name)) continue;
    const record = readIndexValue(value) ?? UNREADABLE;
    found(await recoveredName(store, name, record, handedOf.get(nameKey(name)) ?? []));
  }
}

async function recoveredName(
  store: Store,
  name: Uint8Array,
  record: IndexRecord,
  handed: readonly Handed[],
): Promise<Recovered> {
  const { from, next } = record;
  const greatest = (low: (of: Handed) => number) =>
    Math.max(0, ...handed.filter((of) => low(of) !== 0).map((of) => fullNumber(low(of), next)));
  const last = greatest((of) => of.handedNumber);
  const kept = greatest((of) => of.keptNumber);
  const written = greatest((of) => of.writtenNumber);
  const keptTo = Math.max(from, kept + 1);
  const handedBefore: number[] = [];
  const visit = (number: number) => {
    if (number <= last) handedBefore.push(number);
  };
  const known = !record.present && handed.length === 0;
  const counted = known ? record : await countedFrom(store, name, record, keptTo, visit);
  return {
    name,
    record: { ...counted, next: Math.max(counted.next, last + 1) },
    tailFrom: Math.max(counted.from, keptTo),
    written,
    handedBefore,
  };
}

/** The record as the name's mail from `tailFrom` on says it is; `visit` is called with the number of each message. */
async function countedFrom(
  store: Store,
  name: Uint8Array,
  record: IndexRecord,
  tailFrom: number,
  visit: (number: number) => void,
): Promise<IndexRecord> {
  let count = 0;
  let bytes = 0;
  let oldest = 0;
  let { from, to } = record;
  if (record === UNREADABLE) from = to = 0;
  for await (const [key, value] of entries(store, messageRange(name, record.from, record.to))) {
    const message = readMessage(key, value);
    if (message === undefined) continue;
    if (to === 0) from = message.number;
    to = Math.max(to, message.number + 1);
    if (message.number < tailFrom) continue;
    visit(message.number);
    if (count === 0) oldest = message.heldAt;
    count++;
    bytes += message.frame.length;
  }
  return { ...record, from, to, count, bytes, oldest, next: Math.max(record.next, to) };
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
