/**
 * Keeps the store for the whole process: opens it before the shards do and closes it after them, so that no other broker
 * comes between, and opens it anew for all when a full disk has room again.
 */
import type { StoreFailure } from './channel/to-main.ts';
import type { Config } from './config.ts';
import { type Log, RateLimitedWarnings } from './log.ts';
import { type Database, database, freeBytes, openDatabase } from './mail/database.ts';

/** How often a full disk is looked at. */
const LOOK_MS = 1_000;
/** What must be free before it is tried again: what the store needs to come up. */
const ROOM_BYTES = 1024 * 1024;

/** The stores of all shards, to be closed and opened together: the database is one for all threads. */
export interface ShardStores {
  suspendStores(): Promise<void>;
  /** Opens them and lets them write what they could not. */
  resumeStores(): Promise<void>;
}

export class StoreKeeper {
  readonly #folder: string;
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  #db: Database;
  #retry: NodeJS.Timeout | undefined;
  #trying: Promise<void> | undefined;
  #ended = false;

  private constructor(folder: string, db: Database, log: Log) {
    this.#folder = folder;
    this.#db = db;
    this.#log = log;
    this.#warnings = new RateLimitedWarnings(log);
  }

  /**
   * Opens the store, unless nothing is held.
   * @throws StartError that says what to do
   */
  static async open(config: Config, log: Log): Promise<StoreKeeper | undefined> {
    if (config.HOLD_SECONDS === 0) return undefined;
    return new StoreKeeper(config.DATA_DIR, await openDatabase(config.DATA_DIR), log);
  }

  /** A shard could not use its store. With a full disk it is tried again; a write that fails otherwise is the last. */
  failed(shard: number, failure: StoreFailure, message: string, stores: ShardStores): void {
    const fields = { shard, folder: this.#folder, reason: message };
    switch (failure) {
      case 'read':
        this.#warnings.warn('STORE_UNREADABLE', { ...fields, code: 'STORE_UNREADABLE' }, 'held mail cannot be read');
        return;
      case 'no room':
        this.#warnings.warn(
          'STORE_FULL',
          { ...fields, code: 'STORE_FULL' },
          'the disk is full: no new mail is held until there is room',
        );
        this.#tryLater(stores);
        return;
      case 'write':
        this.#log.error(
          { ...fields, code: 'STORE_FAILED' },
          'the store cannot be written: no new mail is held until the broker is restarted on a sound disk',
        );
        return;
      default:
        failure satisfies never;
    }
  }

  /** Closes the store; to be called when the shards have ended. */
  async close(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#retry);
    await this.#trying;
    await this.#db.close();
  }

  #tryLater(stores: ShardStores): void {
    if (this.#retry !== undefined || this.#ended) return;
    this.#retry = setTimeout(() => {
      this.#trying = this.#tryAgain(stores).finally(() => {
        this.#trying = undefined;
      });
    }, LOOK_MS);
  }

  /**
   * The database is opened anew before it is written again: what a failed write has left in its log would make all that
   * follows unreadable, and only opening it cuts that off.
   */
  async #tryAgain(stores: ShardStores): Promise<void> {
    this.#retry = undefined;
    try {
      if ((await freeBytes(this.#folder)) < ROOM_BYTES) throw new Error('no room yet');
      await stores.suspendStores();
      await this.#db.close();
      this.#db = database(this.#folder);
      await this.#db.open();
      await stores.resumeStores();
      this.#log.info({ folder: this.#folder }, 'the store is opened anew, and written again');
    } catch (error) {
      this.#log.debug({ err: error }, 'the store stays as it is');
      this.#tryLater(stores);
    }
  }
}
