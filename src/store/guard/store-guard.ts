/**
 * Guards the store for the whole process. It opens the store before the shards do and closes it after them, so that no
 * other broker can open it in between. It logs what is wrong with the store, keeps the time by which mail ages in it,
 * and has it opened again after a failed write (kept-store.ts).
 */
import { told } from '../../shared/codes/log-line.ts';
import type { Config } from '../../shared/common/config.ts';
import { messageOf } from '../../shared/common/errors.ts';
import { type Log, RateLimitedWarnings, say } from '../../shared/common/log/log.ts';
import type { StoreFailure } from '../../shared/wire/records.ts';
import { RisingClock, storableSeconds, timeAtStart, wallSeconds } from '../clock.ts';
import { DamagedStore, type Database, openDatabase } from '../database.ts';
import { type Narrowed, narrowToOwner } from '../folder.ts';
import { passedOver } from '../passed-over.ts';
import { keepState, stateOf } from '../state.ts';
import { KeptStore, type ShardStores, type StoreState } from './kept-store.ts';
import { WriteFence } from './write-fence.ts';

/** How often that time is stored. After a kill the next run can be behind by as much. */
const KEEP_STATE_MS = 60_000;
/** How often the files are checked while nothing is written. */
const LOOK_MS = 5_000;

/** What the shards are told about the store, which is guarded for all of them. See ShardTask. */
export interface StoreForShards {
  readonly writers: SharedArrayBuffer;
  readonly clockBase: number;
  readonly compare: boolean;
}

/** The store, if the broker holds mail. */
interface Held {
  readonly folder: string;
  readonly store: KeptStore;
}

/** The guard of the store of one broker. */
export class StoreGuard {
  readonly #log: Log;
  readonly #warnings: RateLimitedWarnings;
  /** The clock by which mail ages. */
  readonly clock: RisingClock;
  readonly #held: Held | undefined;
  readonly #timers: NodeJS.Timeout[] = [];
  /** What each shard is told when it begins. */
  readonly forShards: StoreForShards;

  private constructor(log: Log, warnings: RateLimitedWarnings, start: StoreForShards, held: Held | undefined) {
    this.#log = log;
    this.#warnings = warnings;
    this.clock = new RisingClock(start.clockBase);
    this.#held = held;
    this.forShards = start;
  }

  /**
   * Opens the store, unless HOLD_SECONDS is 0.
   * @throws StartError whose message says what to do
   */
  static async open(config: Config, log: Log): Promise<StoreGuard> {
    const { DATA_DIR: folder, HOLD_SECONDS, SHARDS } = config;
    const warnings = new RateLimitedWarnings(log);
    const writers = WriteFence.memory(1 + SHARDS);
    if (HOLD_SECONDS === 0) {
      const { base: clockBase } = RisingClock.at(wallSeconds());
      return new StoreGuard(log, warnings, { writers, clockBase, compare: false }, undefined);
    }
    const rights = await narrowed(folder);
    const db = await openDatabase(folder);
    try {
      sayNarrowed(folder, rights, log);
      const before = await stateOf(db).catch((error: unknown) => {
        throw new DamagedStore(folder, messageOf(error), error);
      });
      const damage = await passedOver(folder);
      for (const reason of damage) say(log, told('STORE_PASSED_OVER', { folder, reason }));
      const wall = wallSeconds();
      const { seconds, distrusted } = timeAtStart(before, wall, HOLD_SECONDS);
      if (distrusted) sayDistrusted(log, wall, seconds);
      const { base: clockBase } = RisingClock.at(seconds);
      const compare = before?.ended !== true || damage.length > 0;
      const store = await KeptStore.of(folder, db, new WriteFence(writers, 0), log);
      const guard = new StoreGuard(log, warnings, { writers, clockBase, compare }, { folder, store });
      // From now on the store counts as not closed in order.
      await guard.#keepState();
      return guard;
    } catch (error) {
      await db.close();
      throw error;
    }
  }

  /** `none` where nothing is held. */
  get state(): StoreState | 'none' {
    return this.#held?.store.state ?? 'none';
  }

  /** The store, for reads; undefined where nothing is held, or while it is closed. */
  get database(): Database | undefined {
    return this.#held?.store.database;
  }

  /** Sets the shards, which may begin to write. */
  serve(stores: ShardStores): void {
    const { store } = this.#held ?? {};
    if (store === undefined) return;
    store.serve(stores);
    this.#timers.push(setInterval(() => void this.#keepState(), KEEP_STATE_MS).unref());
    this.#timers.push(setInterval(() => void store.look(), LOOK_MS).unref());
  }

  /** A shard could not use its store, or mail is missing in it. */
  failed(shard: number, failure: StoreFailure, reason: string): void {
    const { folder, store } = this.#held ?? {};
    if (store === undefined) return;
    const fields = { shard, folder, reason };
    switch (failure) {
      case 'read':
        this.#warnings.warn(told('STORE_UNREADABLE', fields));
        return;
      case 'missing':
        say(this.#log, told('MAIL_MISSING', fields));
        return;
      case 'no room':
      case 'write':
      case 'gone':
      case 'damaged':
        store.failed(failure, fields);
        return;
      default:
        failure satisfies never;
    }
  }

  /** Closes the store. Must be called after the shards have ended. */
  async close(how: 'in order' | 'broken off'): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#held?.store.close(async (db) => {
      if (how === 'in order') await keepState(db, this.#state(true));
    });
  }

  async #keepState(): Promise<void> {
    await this.#held?.store.write((db) => keepState(db, this.#state(false)));
  }

  #state(ended: boolean) {
    return { aged: this.clock.now(), wall: storableSeconds(wallSeconds()), ended };
  }
}

async function narrowed(folder: string): Promise<Narrowed> {
  try {
    return await narrowToOwner(folder);
  } catch {
    return { narrowed: 0, open: 0 }; // it does not exist, or cannot be read; openDatabase reports that
  }
}

function sayNarrowed(folder: string, { narrowed, open }: Narrowed, log: Log): void {
  if (narrowed > 0) say(log, told('STORE_WAS_OPEN_TO_OTHERS', { folder, narrowed }));
  if (open > 0) say(log, told('STORE_OPEN_TO_OTHERS', { folder, open }));
}

function sayDistrusted(log: Log, wall: number, seconds: number): void {
  const iso = (time: number) => new Date(time * 1000).toISOString();
  say(log, told('CLOCK_DISTRUSTED', { clock: iso(wall), mailAgesFrom: iso(seconds) }));
}
