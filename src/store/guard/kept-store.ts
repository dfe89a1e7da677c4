/**
 * The open database, and how it can be written again after a write has failed.
 *
 * The part of a record that a failed write has left in the log of LevelDB makes everything after it unreadable. So the
 * database is closed and opened again before the next write. It is closed only once a trial has shown that the space,
 * the files and the descriptors for that are available; until then all held mail can be read. It stays open while the
 * only fault is that its folder is missing.
 */
import { type LogLine, told } from '../../shared/codes/log-line.ts';
import type { OperatorCode } from '../../shared/codes/operator.ts';
import { messageOf } from '../../shared/common/errors.ts';
import { type Log, say } from '../../shared/common/log/log.ts';
import type { StoreFailure } from '../../shared/wire/records.ts';
import { DamagedStore, type Database, mustBeWhole, openAgain } from '../database.ts';
import { StoreGone, StoreIdentity } from './identity.ts';
import { hasRoom, needToOpen, probe } from './probe.ts';
import { SpareDescriptors } from './spare-descriptors.ts';
import type { WriteFence } from './write-fence.ts';

/** The time between two attempts to write the store again. */
const RETRY_MS = 1_000;
/**
 * The time between two attempts if the system reports enough space and there is not: each attempt writes as many bytes
 * as the store needs.
 */
const PROBE_AGAIN_MS = 5_000;

/** A fault that lasts is logged again after this time. */
const SAY_AGAIN_MS = 60_000;

/** The stores of all shards. They are closed and opened together, because all threads share one database. */
export interface ShardStores {
  /** Closes them. Requests to them wait. */
  suspendStores(): Promise<void>;
  /** Opens them, and lets them write what could not be written. */
  resumeStores(): Promise<void>;
}

/** A failed write. The store is tried again after it, unless it is damaged. */
export type WriteFailure = Exclude<StoreFailure, 'read' | 'missing'>;

/** Whether the store can be read and written. */
export type StoreState = 'open' | 'unwritable' | 'closed';

const CODE_OF = {
  'no room': 'STORE_FULL',
  write: 'STORE_FAILED',
  gone: 'STORE_GONE',
  damaged: 'STORE_DAMAGED',
} as const satisfies Record<WriteFailure, OperatorCode>;

/** The database of the main thread, and the attempts to write it again. */
export class KeptStore {
  readonly #folder: string;
  readonly #fence: WriteFence;
  readonly #log: Log;
  readonly #spares = new SpareDescriptors();
  #db: Database;
  #identity: StoreIdentity;
  #stores: ShardStores | undefined;
  /** The timer of the next attempt, and the attempt that is under way. */
  #retry: NodeJS.Timeout | undefined;
  #trying: Promise<void> | undefined;
  /** The last write of this thread, which may be under way. */
  #writing: Promise<void> = Promise.resolve();
  #damaged = false;
  /** Whether a write has failed since the shards were last allowed to write. */
  #failedAgain = false;
  #said: string | undefined;
  #sayAgainAt = 0;
  #ended = false;

  private constructor(folder: string, db: Database, identity: StoreIdentity, fence: WriteFence, log: Log) {
    this.#folder = folder;
    this.#db = db;
    this.#identity = identity;
    this.#fence = fence;
    this.#log = log;
    this.#spares.take();
  }

  /** @param db the store of `folder`, which was opened just now */
  static async of(folder: string, db: Database, fence: WriteFence, log: Log): Promise<KeptStore> {
    return new KeptStore(folder, db, await StoreIdentity.of(folder), fence, log);
  }

  /** Sets the shards, which use the store too. */
  serve(stores: ShardStores): void {
    this.#stores = stores;
  }

  get state(): StoreState {
    if (this.#db.status !== 'open') return 'closed';
    return this.#damaged || this.#retry !== undefined || this.#trying !== undefined ? 'unwritable' : 'open';
  }

  /** The database, for reads of this thread; undefined while it is closed. */
  get database(): Database | undefined {
    return this.#db.status === 'open' ? this.#db : undefined;
  }

  /** A write of a shard has failed. */
  failed(failure: WriteFailure, fields: object): void {
    this.#say(told(CODE_OF[failure], fields));
    // To open a damaged store again would meet the damage again, and might lose mail that can still be read.
    this.#damaged ||= failure === 'damaged';
    this.#failedAgain = true;
    this.#tryLater(RETRY_MS);
  }

  /** Writes to the store, unless a write has failed before. If this write fails, it counts like one of a shard. */
  async write(write: (db: Database) => Promise<void>): Promise<void> {
    await this.#writing;
    if (this.#isFailing) return;
    this.#writing = this.#fence
      .write(() => write(this.#db))
      .catch((error: unknown) => this.failed('write', { folder: this.#folder, reason: messageOf(error) }));
    await this.#writing;
  }

  /** Whether nothing may be written or checked now: the store failed, is damaged, or is being closed. */
  get #isFailing(): boolean {
    return this.#damaged || this.#retry !== undefined || this.#trying !== undefined || this.#ended;
  }

  /** Checks that the files of the store are where they were. */
  async look(): Promise<void> {
    if (this.#isFailing) return;
    this.#spares.take();
    try {
      await this.#identity.check();
    } catch (error) {
      if (error instanceof StoreGone) this.failed('gone', { folder: this.#folder, reason: error.message });
    }
  }

  /** Closes the store. @param lastWord is called before that, if the store can be written */
  async close(lastWord: (db: Database) => Promise<void>): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#retry);
    await this.#trying;
    await this.#writing;
    try {
      if (this.#db.status === 'open') await this.#fence.write(() => lastWord(this.#db));
    } catch (error) {
      this.#log.warn({ folder: this.#folder, reason: messageOf(error) }, 'the store is closed without a last word');
    }
    await this.#db.close();
    this.#spares.release();
  }

  #tryLater(ms: number): void {
    if (this.#isFailing) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#trying = this.#tryAgain().then((again) => {
        this.#trying = undefined;
        if (again !== 'written again') this.#tryLater(again);
        else if (this.#failedAgain) this.#tryLater(RETRY_MS);
      });
    }, ms);
  }

  /** @returns `written again`, or the time until the next attempt, in milliseconds */
  async #tryAgain(): Promise<'written again' | number> {
    try {
      if (this.#db.status === 'open') await this.#identity.check();
      if (this.#fence.broken || this.#db.status !== 'open') {
        const need = await needToOpen(this.#folder);
        if (!(await hasRoom(this.#folder, need))) {
          this.#log.debug(
            { folder: this.#folder, ...need },
            'the store stays as it is: there is no room to open it anew',
          );
          return RETRY_MS;
        }
        this.#spares.release();
        await probe(this.#folder, need);
        if (this.#db.status === 'open') await mustBeWhole(this.#db, this.#folder);
        await this.#openAnew();
      }
      this.#failedAgain = false;
      await this.#stores?.resumeStores();
      this.#said = undefined;
      this.#log.info({ folder: this.#folder }, 'the store is written again');
      return 'written again';
    } catch (error) {
      this.#sayWhyNot(error);
      return hasNoRoom(error) ? PROBE_AGAIN_MS : RETRY_MS;
    } finally {
      this.#spares.take();
    }
  }

  async #openAnew(): Promise<void> {
    await this.#writing;
    await this.#stores?.suspendStores();
    await this.#db.close();
    this.#db = await openAgain(this.#folder);
    this.#identity = await StoreIdentity.of(this.#folder);
    this.#fence.mend();
  }

  #sayWhyNot(error: unknown): void {
    const fields = { folder: this.#folder, reason: messageOf(causeOf(error)) };
    if (this.#db.status !== 'open') this.#say(told('STORE_CLOSED', fields));
    else if (error instanceof StoreGone) this.#say(told('STORE_GONE', fields));
    else if (error instanceof DamagedStore) this.failed('damaged', { ...fields, reason: error.reason });
    else this.#log.debug(fields, 'the store stays as it is');
  }

  /** Logs a fault once, and again after a while if it lasts and no other one has come. */
  #say(line: LogLine): void {
    const now = performance.now();
    if (line.code === this.#said && now < this.#sayAgainAt) return;
    this.#said = line.code;
    this.#sayAgainAt = now + SAY_AGAIN_MS;
    say(this.#log, line);
  }
}

function hasNoRoom(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function causeOf(error: unknown): unknown {
  const { cause } = error as { cause?: unknown };
  return cause instanceof Error && !(error instanceof StoreGone) ? cause : error;
}
