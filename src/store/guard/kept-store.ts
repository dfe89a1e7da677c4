/**
 * The open database, and how it comes to be written again after a write has failed.
 *
 * What a failed write has left in LevelDB's log makes all unreadable that would follow, so the database is opened anew
 * before it is written again. It is closed for that only when the same room, files and descriptors could be had a
 * moment before: until then all that is held can be read. While nothing is wrong but that its folder is away, it stays
 * open.
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

/** How often it is tried whether the store can be written again. */
const RETRY_MS = 1_000;
/**
 * How often, where the system says that there is room and it is not so: each trial writes as much as the store needs.
 */
const PROBE_AGAIN_MS = 5_000;

/** How often it is said again what is wrong, as long as it is. */
const SAY_AGAIN_MS = 60_000;

/** The stores of all shards, to be closed and opened together: the database is one for all threads. */
export interface ShardStores {
  suspendStores(): Promise<void>;
  /** Opens them and lets them write what they could not. */
  resumeStores(): Promise<void>;
}

/** A failure after which the store is tried again, or is not because it is damaged. */
export type WriteFailure = Exclude<StoreFailure, 'read' | 'missing'>;

const CODE_OF = {
  'no room': 'STORE_FULL',
  write: 'STORE_FAILED',
  gone: 'STORE_GONE',
  damaged: 'STORE_DAMAGED',
} as const satisfies Record<WriteFailure, OperatorCode>;

export class KeptStore {
  readonly #folder: string;
  readonly #fence: WriteFence;
  readonly #log: Log;
  readonly #spares = new SpareDescriptors();
  #db: Database;
  #identity: StoreIdentity;
  #stores: ShardStores | undefined;
  /** The next trial, and the one under way. */
  #retry: NodeJS.Timeout | undefined;
  #trying: Promise<void> | undefined;
  /** A write of this thread, over or under way. */
  #writing: Promise<void> = Promise.resolve();
  #damaged = false;
  /** A write has failed since the shards were last told that they can write. */
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

  /** @param db the store of `folder`, just opened */
  static async of(folder: string, db: Database, fence: WriteFence, log: Log): Promise<KeptStore> {
    return new KeptStore(folder, db, await StoreIdentity.of(folder), fence, log);
  }

  /** There are shards now, which use it too. */
  serve(stores: ShardStores): void {
    this.#stores = stores;
  }

  /** A write of a shard has failed. */
  failed(failure: WriteFailure, fields: object): void {
    this.#say(told(CODE_OF[failure], fields));
    // Who opened it anew would come upon the damage again, and perhaps could not read any more what can be read now.
    this.#damaged ||= failure === 'damaged';
    this.#failedAgain = true;
    this.#tryLater(RETRY_MS);
  }

  /** Writes to it, unless a write has failed before; if this one fails it is as if a shard's had. */
  async write(write: (db: Database) => Promise<void>): Promise<void> {
    await this.#writing;
    if (this.#isFailing) return;
    this.#writing = this.#fence
      .write(() => write(this.#db))
      .catch((error: unknown) => this.failed('write', { folder: this.#folder, reason: messageOf(error) }));
    await this.#writing;
  }

  /** Whether it is left alone until it is written again. */
  get #isFailing(): boolean {
    return this.#damaged || this.#retry !== undefined || this.#trying !== undefined || this.#ended;
  }

  /** Looks whether its files are still where they were. */
  async look(): Promise<void> {
    if (this.#isFailing) return;
    this.#spares.take();
    try {
      await this.#identity.check();
    } catch (error) {
      if (error instanceof StoreGone) this.failed('gone', { folder: this.#folder, reason: error.message });
    }
  }

  /** Closes it, after a `lastWord` if it can be written. */
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

  /** @returns how soon to try again, if it is not written again */
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

  /** Each thing that is wrong is said once, and again now and then while nothing else is. */
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
