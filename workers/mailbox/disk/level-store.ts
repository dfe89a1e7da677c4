/**
 * The store of a shard, on LevelDB. The process has one database, and each shard's thread opens it for itself. After a
 * failure it is closed in all threads and opened again. Calls that come meanwhile wait.
 */
import { DurationCounts } from '../../../src/shared/wire/port/durations.ts';
import { type Database, openAgain } from '../../../src/store/database.ts';
import { write } from '../../../src/store/entries.ts';
import type { Entry, KeyRange, StoreOp } from '../../../src/store/format.ts';
import { StoreIdentity } from '../../../src/store/guard/identity.ts';
import type { WriteFence } from '../../../src/store/guard/write-fence.ts';
import { isDamage, type Store } from '../store.ts';

/**
 * One fetch from LevelDB takes at most so much, and a read needs one fetch as a rule. Measured: with 256 entries a
 * fetch, half as much is read a second.
 */
const MAX_FETCH_BYTES = 1024 * 1024;
const MAX_FETCH_ENTRIES = 1024;

export class LevelStore implements Store {
  readonly #folder: string;
  readonly #fence: WriteFence;
  #db: Database;
  #identity: StoreIdentity;
  /** How long writes took that were synced. */
  readonly syncs = new DurationCounts();
  readonly #pending = new Set<Promise<unknown>>();
  /** Set while the database is closed for a time. Calls wait for `opened`. */
  #closed: { readonly opened: Promise<void>; readonly open: () => void } | undefined;

  private constructor(folder: string, fence: WriteFence, db: Database, identity: StoreIdentity) {
    this.#folder = folder;
    this.#fence = fence;
    this.#db = db;
    this.#identity = identity;
  }

  /**
   * Opens the store in this thread. The main thread must have opened it before, and keep it open.
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
    const since = performance.now();
    await this.#fence.write(() => write(db, ops, sync));
    if (sync) this.syncs.add(performance.now() - since);
    // Only synced mail is called held, so only that must lie in the folder that the next broker opens.
    if (sync) await this.#identity.check();
  }

  read(range: KeyRange, maxBytes: number, done: (error: Error | undefined, entries: readonly Entry[]) => void): void {
    this.#use((db) => readFront(db, range, maxBytes)).then(
      ({ error, entries }) => done(error, entries),
      (error: unknown) => done(asError(error), []),
    );
  }

  /** Closes the database until `reopen` is called. Resolves when earlier calls are done. */
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

  /** Opens the database again, if it was closed. @throws the database's own error; the database then stays closed */
  async reopen(): Promise<void> {
    if (this.#closed !== undefined) this.#db = await openAgain(this.#folder);
    this.#identity = await StoreIdentity.of(this.#folder);
    this.#closed?.open();
    this.#closed = undefined;
  }

  /** Closes the database when earlier calls are done. */
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
  /** Set if something is damaged. `entries` then has what can still be read. */
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
    // LevelDB skips damaged entries and throws at the end, and all entries of that fetch are lost. So fetch them one by
    // one.
    entries = [];
    await readInto(entries, db, range, maxBytes, 1).catch(() => undefined);
    return { entries, error };
  }
}

/** Adds the first entries of `range` to `entries`, in fetches of `atATime` entries. */
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

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
