/**
 * What a shard needs of the store, and the store itself: one database for all shards, opened by each one's thread.
 *
 * A shard never waits: it says what it wants and is called back. The simulation gives it a store of its own, which is
 * late, fails and forgets.
 */
import type { StoreFailure } from '../../src/shared/wire/records.ts';
import { type Database, openAgain } from '../../src/store/database.ts';
import { write } from '../../src/store/entries.ts';
import type { Entry, KeyRange, StoreOp } from '../../src/store/format.ts';
import { StoreGone, StoreIdentity } from '../../src/store/guard/identity.ts';
import type { WriteFence } from '../../src/store/guard/write-fence.ts';

/** A store, as a shard sees it. Every `done` is called exactly once, and never before the call returns. */
export interface Store {
  /**
   * Makes all of `ops` or none of them, in their order.
   * @param sync whether it must be on disk when `done` is called without an error
   */
  write(ops: readonly StoreOp[], sync: boolean, done: (error?: Error) => void): void;
  /**
   * Reads from the front of `range`, as it is now: at least one entry if there is any, then up to about `maxBytes`.
   * Where something is damaged, `done` is given what can be read beside the error.
   */
  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void;
}

/**
 * The most that is fetched at a time: one fetch a read, as a rule. (With 256 entries a fetch, half as much is read a
 * second.)
 */
const MAX_FETCH_BYTES = 1024 * 1024;
const MAX_FETCH_ENTRIES = 1024;

export class LevelStore implements Store {
  readonly #folder: string;
  readonly #fence: WriteFence;
  #db: Database;
  #identity: StoreIdentity;
  readonly #pending = new Set<Promise<unknown>>();
  /** While the database is closed for a time: what is asked meanwhile waits for this. */
  #closed: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  private constructor(folder: string, fence: WriteFence, db: Database, identity: StoreIdentity) {
    this.#folder = folder;
    this.#fence = fence;
    this.#db = db;
    this.#identity = identity;
  }

  /**
   * Opens the store, which somebody else of this process has opened and keeps.
   * @throws the database's own error if it cannot be opened
   */
  static async open(folder: string, fence: WriteFence): Promise<LevelStore> {
    const db = await openAgain(folder);
    return new LevelStore(folder, fence, db, await StoreIdentity.of(folder));
  }

  write(ops: readonly StoreOp[], sync: boolean, done: (error?: Error) => void): void {
    this.#use((db) => this.#write(db, ops, sync)).then(
      () => done(),
      (error: unknown) => done(asError(error)),
    );
  }

  async #write(db: Database, ops: readonly StoreOp[], sync: boolean): Promise<void> {
    await this.#fence.write(() => write(db, ops, sync));
    // Only what is to be called held must be found again.
    if (sync) await this.#identity.check();
  }

  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void {
    this.#use((db) => readFront(db, range, maxBytes)).then(
      ({ error, entries }) => done(error, entries),
      (error: unknown) => done(asError(error), []),
    );
  }

  /** Closes the database until `reopen`; resolves when what was asked before is done. */
  async suspend(): Promise<void> {
    if (this.#closed === undefined) {
      let open = () => {};
      const opened = new Promise<void>((resolve) => {
        open = resolve;
      });
      this.#closed = { opened, open };
    }
    await this.close();
  }

  /** Opens it again, if it was closed. @throws the database's own error; then it stays closed */
  async reopen(): Promise<void> {
    if (this.#closed !== undefined) this.#db = await openAgain(this.#folder);
    this.#identity = await StoreIdentity.of(this.#folder);
    this.#closed?.open();
    this.#closed = undefined;
  }

  /** Resolves when what was asked before is done and the database is closed. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#pending);
    await this.#db.close();
  }

  async #use<T>(step: (db: Database) => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed.opened;
    const asked = step(this.#db);
    this.#pending.add(asked);
    try {
      return await asked;
    } finally {
      this.#pending.delete(asked);
    }
  }
}

interface Front {
  readonly entries: readonly Entry[];
  /** Something of it is damaged: the entries are what is readable all the same. */
  readonly error: Error | undefined;
}

async function readFront(db: Database, range: KeyRange, maxBytes: number): Promise<Front> {
  let entries: Entry[] = [];
  try {
    await readInto(entries, db, range, maxBytes, MAX_FETCH_ENTRIES);
    return { entries, error: undefined };
  } catch (thrown) {
    const error = asError(thrown);
    if (!isDamage(error)) throw error;
    // LevelDB passes over what is damaged and says so at the end; what was fetched with that word is thrown away.
    entries = [];
    await readInto(entries, db, range, maxBytes, 1).catch(() => undefined);
    return { entries, error };
  }
}

/** Adds the front of `range` to `entries`, so many at a time. */
async function readInto(
  entries: Entry[],
  db: Database,
  range: KeyRange,
  maxBytes: number,
  atATime: number,
): Promise<void> {
  const highWaterMarkBytes = Math.min(maxBytes, MAX_FETCH_BYTES);
  const iterator = db.iterator({ gte: range.from, lt: range.to, highWaterMarkBytes });
  let bytes = 0;
  try {
    while (bytes < maxBytes) {
      const more = await iterator.nextv(atATime);
      if (more.length === 0) break;
      for (const entry of more) {
        entries.push(entry);
        bytes += entry[0].length + entry[1].length;
      }
    }
  } finally {
    await iterator.close();
  }
}

/** Whether LevelDB has found something that cannot be read, now or later. */
export function isDamage(error: Error): boolean {
  return /^corruption/i.test(error.message);
}

/** What a write that failed means for those that follow. */
export function writeFailure(error: Error): StoreFailure {
  if (error instanceof StoreGone) return 'gone';
  if (/no space left|quota exceeded/i.test(error.message)) return 'no room';
  if (isDamage(error)) return 'damaged';
  return 'write';
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
