/**
 * Reads the whole store. It finds entries that do not belong to a store, and for each name its index record and its
 * counted mail. `verify` judges the result and `repair` mends it.
 *
 * There are three parts, which must be read in this order, because `repair` mends one part before it reads the next.
 */
import { textOf } from '../../../shared/common/text.ts';
import { type Database, readFormat } from '../../../store/database.ts';
import { entries, firstOf, indexValueOf, mailRange, type Watch } from '../../../store/entries.ts';
import {
  type Entry,
  FORMAT,
  FORMAT_KEY,
  type IndexRecord,
  type KeyRange,
  MESSAGES_RANGE,
  NAMES_RANGE,
  nameOfIndexKey,
  nameOfSendKey,
  readIndexValue,
  readMessage,
  readMessageKey,
  readSendValue,
  SENDS_RANGE,
  STATE_KEY,
  type StoredMessage,
} from '../../../store/format.ts';
import { readState } from '../../../store/state.ts';
import { counts, Tally } from './counts.ts';

const BEFORE_ALL: KeyRange = { from: Buffer.alloc(0), to: MESSAGES_RANGE.from };
const BEHIND_ALL: KeyRange = { from: NAMES_RANGE.to, to: Buffer.alloc(64, 0xff) };

/** An entry that cannot be read as what it should be. */
export interface Damaged {
  readonly kind: 'damaged';
  readonly key: Uint8Array;
  readonly value: Uint8Array;
  readonly what: 'format' | 'state' | 'index record' | 'message' | 'recent send' | 'unknown key';
  /** Its name, if the key has one. */
  readonly name?: Uint8Array;
  readonly why: string;
}

/** A name with an index record. */
export interface KnownName {
  readonly kind: 'name';
  readonly name: Uint8Array;
  readonly record: IndexRecord;
  /** Whether the record counts mail, and the name has none. What it counts is not checked if there is mail. */
  readonly unfounded: boolean;
}

/** The mail of a name that has some. */
export interface NamedMail {
  readonly kind: 'mail';
  readonly name: Uint8Array;
  readonly mail: Tally;
  readonly record: IndexRecord | 'none' | 'damaged';
  /** How many of its entries cannot be read. They are not in `mail`. */
  readonly damaged: number;
}

/**
 * Reads the index records, and whether each name has mail.
 * @throws DamagedStore if the database cannot be read
 */
export async function* surveyNames(db: Database, watch?: Watch): AsyncGenerator<Damaged | KnownName> {
  for await (const [key, value] of entries(db, NAMES_RANGE, watch)) {
    const name = nameOfIndexKey(key) as Uint8Array;
    const record = readIndexValue(value);
    if (record === undefined) {
      yield { kind: 'damaged', key, value, what: 'index record', name, why: 'it cannot be read' };
    } else {
      const unfounded = !counts(record, new Tally()) && !(await hasMail(db, name));
      yield { kind: 'name', name, record, unfounded };
    }
  }
}

/**
 * Reads the mail, name by name.
 * @throws DamagedStore if the database cannot be read
 */
export async function* surveyMail(db: Database, watch?: Watch): AsyncGenerator<Damaged | NamedMail> {
  let name: Uint8Array | undefined;
  let mail = new Tally();
  let damaged = 0;
  for await (const entry of entries(db, MESSAGES_RANGE, watch)) {
    const owner = readMessageKey(entry[0])?.name;
    if (owner !== undefined && (name === undefined || Buffer.compare(owner, name) !== 0)) {
      if (name !== undefined && mail.count > 0) yield await namedMail(db, name, mail, damaged);
      name = owner;
      mail = new Tally();
      damaged = 0;
    }
    const message = readLine(entry);
    if (message !== undefined) mail.add(message);
    else {
      if (owner !== undefined) damaged++;
      yield damagedMessage(entry);
    }
  }
  if (name !== undefined && mail.count > 0) yield await namedMail(db, name, mail, damaged);
}

/**
 * Reads all other entries. Yields those that are neither a valid format record, nor the state of the store, nor recent
 * sends.
 * @throws DamagedStore if the database cannot be read
 */
export async function* surveyRest(db: Database): AsyncGenerator<Damaged> {
  for (const range of [BEFORE_ALL, BEHIND_ALL]) {
    for await (const [key, value] of entries(db, range)) {
      if (Buffer.compare(key, STATE_KEY) === 0) {
        if (readState(value) === undefined) {
          yield { kind: 'damaged', key, value, what: 'state', why: `it is ${JSON.stringify(textOf(value))}` };
        }
      } else if (isIn(SENDS_RANGE, key)) {
        const name = nameOfSendKey(key);
        if (name !== undefined && readSendValue(value) !== undefined) continue;
        const about = name === undefined ? {} : { name };
        yield { kind: 'damaged', key, value, what: 'recent send', ...about, why: 'it cannot be read' };
      } else if (Buffer.compare(key, FORMAT_KEY) !== 0) {
        yield { kind: 'damaged', key, value, what: 'unknown key', why: 'no entry of a store begins so' };
      } else if (readFormat(value) !== FORMAT) {
        yield { kind: 'damaged', key, value, what: 'format', why: `it is ${JSON.stringify(textOf(value))}` };
      }
    }
  }
}

function isIn({ from, to }: KeyRange, key: Uint8Array): boolean {
  return Buffer.compare(key, from) >= 0 && Buffer.compare(key, to) < 0;
}

/**
 * @returns the message of an entry; undefined if it is none. The greatest number is none, because no next number could
 *   follow.
 */
function readLine([key, value]: Entry): StoredMessage | undefined {
  const message = readMessage(key, value);
  return message?.number === Number.MAX_SAFE_INTEGER ? undefined : message;
}

function damagedMessage([key, value]: Entry): Damaged {
  const owner = readMessageKey(key);
  if (owner === undefined) return { kind: 'damaged', key, value, what: 'message', why: 'its key cannot be read' };
  const why = `number ${owner.number} is no line`;
  return { kind: 'damaged', key, value, what: 'message', name: owner.name, why };
}

async function namedMail(db: Database, name: Uint8Array, mail: Tally, damaged: number): Promise<NamedMail> {
  const value = await indexValueOf(db, name);
  const record = value === undefined ? 'none' : (readIndexValue(value) ?? 'damaged');
  return { kind: 'mail', name, mail, record, damaged };
}

async function hasMail(db: Database, name: Uint8Array): Promise<boolean> {
  const first = await firstOf(db, mailRange(name));
  if (first === undefined || readLine(first) !== undefined) return first !== undefined;
  for await (const entry of entries(db, mailRange(name))) if (readLine(entry) !== undefined) return true;
  return false;
}
