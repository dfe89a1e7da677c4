/**
 * What a shard finds in the store when it begins: its names, and how much mail each of them has. If the previous broker
 * stopped in order, the index records say how much. If not, all mail is counted: LevelDB skips damaged parts of its log
 * without an error.
 */
import { widen } from '../../src/shared/common/serial-arithmetic.ts';
import { NEVER } from '../../src/shared/wire/frames/message-head.ts';
import type { PriorDelivery } from '../../src/shared/wire/port/shard-task.ts';
import {
  type Entry,
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
  type StoredMessage,
} from '../../src/store/format.ts';
import { nameKey } from '../names/name.ts';
import { type Gap, mayHaveGaps } from './gaps.ts';
import { isDamage, type Store } from './store.ts';

/** About how much is read at a time. */
const CHUNK_BYTES = 1024 * 1024;
/** In place of an index record that is missing or unreadable. It makes all mail of its name be counted. */
const UNREADABLE: IndexRecord = {
  present: true,
  next: 0,
  from: 0,
  to: Number.MAX_SAFE_INTEGER,
  count: 0,
  bytes: 0,
  awaySince: 0,
  oldest: 0,
  firstExpiry: NEVER,
};

/** Which names belong to the shard, and what is known of them beside the store. */
export interface Scope {
  readonly mine: (name: Uint8Array) => boolean;
  /** The mail that the previous life of this shard had handed out. */
  readonly handed: readonly PriorDelivery[];
  /** Whether to count all mail, and not trust the index records. */
  readonly compare: boolean;
  /** Whether a message is too old. */
  readonly isOver: (message: StoredMessage) => boolean;
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
  /** The numbers of messages in the store that do not wait, because they were handed out and are not written. */
  readonly handed: readonly number[];
  /**
   * The numbers of messages in the store that are to be deleted, and are not counted: those that were rejected, and
   * those that are over among the ones that do not wait. The previous life may have dropped these, and its deletion may
   * be lost.
   */
  readonly rejected: readonly number[];
  /** The numbers between those of its mail that no message has, where there are many in a row. */
  readonly gaps: readonly Gap[];
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
    found(await recoveredName(store, name, record, handedOf.get(key) ?? [], scope));
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
  scope: Scope,
): Promise<Recovered> {
  const { compare } = scope;
  const prior = priorNumbers(handed, record.next);
  const waitingFrom = Math.max(record.from, prior.settledTo + 1);
  // Its last peer left before the end, and no writer has any of its mail: then the record is exact.
  const isExact = !record.present && handed.length === 0;
  let found: Counted = { record, all: record.count, handedBefore: [], handed: [], rejected: [], gaps: [] };
  if (compare || !isExact || mayHaveGaps(record, record.count)) {
    try {
      found = await counted(store, name, record, waitingFrom, prior, scope);
    } catch (error) {
      // Some of the mail is damaged. Beside an exact record that is no matter yet: reads skip what is damaged.
      if (!(isExact && error instanceof Error && isDamage(error))) throw error;
    }
  }
  return {
    name,
    record: { ...withoutEmptyRange(found, compare), next: Math.max(found.record.next, prior.handedTo + 1) },
    waitingFrom: Math.max(found.record.from, waitingFrom),
    written: prior.writtenTo,
    handedBefore: found.handedBefore,
    handed: found.handed,
    rejected: found.rejected,
    gaps: found.gaps,
    // After a crash of a shard, what its record counts may have been deleted since. That is not missing.
    missing: compare && handed.length === 0 ? Math.max(0, record.count - found.all) : 0,
    differs: compare && !sameMail(found.record, record),
  };
}

/** How far the life of this shard before had come with the mail of one name: full numbers, 0 where there is none. */
interface PriorNumbers {
  readonly handedTo: number;
  readonly settledTo: number;
  readonly writtenTo: number;
  readonly rejected: ReadonlySet<number>;
}

function priorNumbers(handed: readonly PriorDelivery[], next: number): PriorNumbers {
  const greatest = (numbers: readonly number[]) =>
    Math.max(0, ...numbers.filter((low) => low !== 0).map((low) => widen(low, next)));
  return {
    handedTo: greatest(handed.map(({ handedNumber }) => handedNumber)),
    settledTo: greatest(handed.map(({ settledNumber }) => settledNumber)),
    writtenTo: greatest(handed.map(({ writtenNumber }) => writtenNumber)),
    rejected: new Set(handed.flatMap(({ rejectedNumbers }) => rejectedNumbers.map((low) => widen(low, next)))),
  };
}

/** A range of records without any mail in it would keep the name from being forgotten. */
function withoutEmptyRange({ record, all }: Counted, compare: boolean): IndexRecord {
  return compare && all === 0 ? { ...record, from: record.next, to: record.next } : record;
}

function sameMail(one: IndexRecord, other: IndexRecord): boolean {
  return one.count === other.count && one.bytes === other.bytes && one.to === other.to;
}

/** The mail of a name as it is in the store. */
interface Counted {
  /** The index record put right: it counts what waits. */
  readonly record: IndexRecord;
  /** How many messages there are in all, with those that wait no more. */
  readonly all: number;
  /** See Recovered. */
  readonly handedBefore: readonly number[];
  readonly handed: readonly number[];
  readonly rejected: readonly number[];
  readonly gaps: readonly Gap[];
}

/**
 * Counts the mail of a name.
 * @param waitingFrom the first number that waits
 * @param prior numbers up to `handedTo` had been handed out before
 */
async function counted(
  store: Store,
  name: Uint8Array,
  record: IndexRecord,
  waitingFrom: number,
  prior: PriorNumbers,
  scope: Pick<Scope, 'isOver'>,
): Promise<Counted> {
  let all = 0;
  let count = 0;
  let bytes = 0;
  let oldest = 0;
  let firstExpiry = NEVER;
  let { from, to } = record;
  if (record === UNREADABLE) from = to = 0;
  const handedBefore: number[] = [];
  const handed: number[] = [];
  const rejectedFound: number[] = [];
  const gaps: Gap[] = [];
  let behindLast = record.from;
  for await (const [key, value] of entries(store, messageRange(name, record.from, record.to))) {
    const number = readMessageKey(key)?.number;
    if (number === undefined) continue;
    all++;
    if (to === 0) from = number;
    else if (mayHaveGaps({ from: behindLast, to: number }, 0)) gaps.push({ from: behindLast, to: number });
    behindLast = number + 1;
    to = Math.max(to, number + 1);
    const message = readMessage(key, value);
    const waits = number >= waitingFrom;
    const isOver = !waits && message !== undefined && scope.isOver(message);
    if (isOver || prior.rejected.has(number)) rejectedFound.push(number);
    else if (waits && number <= prior.handedTo) handedBefore.push(number);
    else if (!waits && number > prior.writtenTo) handed.push(number);
    if (!waits || prior.rejected.has(number)) continue;
    // An invalid message is counted too. The reader removes it from the count when it reads it, and reports it.
    if (count === 0) oldest = message?.heldAt ?? 0;
    count++;
    if (message === undefined) continue;
    bytes += message.frame.length;
    firstExpiry = Math.min(firstExpiry, message.expiry);
  }
  if (record !== UNREADABLE && mayHaveGaps({ from: behindLast, to }, 0)) gaps.push({ from: behindLast, to });
  const next = Math.max(record.next, to);
  return {
    record: { ...record, from, to, count, bytes, oldest, firstExpiry, next },
    all,
    handedBefore,
    handed,
    rejected: rejectedFound,
    gaps,
  };
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

/** @returns all entries of a range, in the order of their keys. @throws the store's own error */
export async function* entries(store: Store, range: KeyRange): AsyncGenerator<Entry> {
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
