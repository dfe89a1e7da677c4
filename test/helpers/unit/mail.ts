/** Stores on disk, for tests of the tool for held mail. Tests fill them entry by entry and read them back. */
import { NEVER } from '../../../src/shared/wire/frames/message-head.ts';
import { type Database, openDatabase } from '../../../src/store/database.ts';
import { write } from '../../../src/store/entries.ts';
import {
  type IndexRecord,
  indexKey,
  indexValue,
  messageKey,
  messageValue,
  readIndexValue,
  type StoreOp,
} from '../../../src/store/format.ts';
import { temporaryFolder } from '../folder.ts';

export const FIRST = 2 ** 20;
export const HELD_AT = Date.UTC(2026, 7, 1, 12) / 1000;

export interface Mail {
  readonly name: string | Uint8Array;
  readonly lines?: readonly string[];
  readonly first?: number;
  /** Fields of the index record that differ from the correct ones. */
  readonly record?: Partial<IndexRecord>;
}

/** The entries of a name and its mail. Each line was held one second after the previous one. */
export function mail({ name, lines = [], first = FIRST, record = {} }: Mail): StoreOp[] {
  const bytes = Buffer.from(name);
  const frames = lines.map((line) => Buffer.from(`${line}\n`));
  const next = first + lines.length;
  const sound: IndexRecord = {
    present: false,
    next,
    from: first,
    to: next,
    count: lines.length,
    bytes: frames.reduce((sum, frame) => sum + frame.length, 0),
    awaySince: HELD_AT,
    oldest: lines.length > 0 ? HELD_AT : 0,
    firstExpiry: NEVER,
  };
  const messages = frames.map((frame, i) => put(messageKey(bytes, first + i), messageValue(frame, HELD_AT + i, 0)));
  return [...messages, put(indexKey(bytes), indexValue({ ...sound, ...record }))];
}

export function put(key: Uint8Array | string, value: Uint8Array | string): StoreOp {
  return { type: 'put', key: Buffer.from(key), value: Buffer.from(value) };
}

/** The entries without the index record. */
export function orphaned(ops: readonly StoreOp[]): StoreOp[] {
  return ops.filter(({ key }) => key[0] === 'm'.charCodeAt(0));
}

/** A store in a temporary folder, which is removed when it is disposed of. It is open only while it is used. */
export class MailFolder implements Disposable {
  readonly #folder = temporaryFolder();

  static async of(...ops: readonly StoreOp[][]): Promise<MailFolder> {
    const made = new MailFolder();
    await made.put(...ops);
    return made;
  }

  get path(): string {
    return this.#folder.path;
  }

  async use<T>(work: (db: Database) => Promise<T>): Promise<T> {
    await using db = await openDatabase(this.path);
    return await work(db);
  }

  async put(...ops: readonly StoreOp[][]): Promise<void> {
    await this.use((db) => write(db, ops.flat()));
  }

  async record(name: string): Promise<IndexRecord | undefined> {
    const value = await this.use((db) => db.get(indexKey(Buffer.from(name))));
    return value === undefined ? undefined : readIndexValue(value);
  }

  /** Its keys and values in hexadecimal digits. */
  async entries(): Promise<Map<string, string>> {
    const all = await this.use((db) => db.iterator().all());
    return new Map(all.map(([key, value]) => [Buffer.from(key).toString('hex'), Buffer.from(value).toString('hex')]));
  }

  [Symbol.dispose](): void {
    this.#folder[Symbol.dispose]();
  }
}
