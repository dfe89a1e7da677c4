/** The `repair` command: it mends a store. What can be read is mail again, and nothing is thrown away. */
import { DamagedStore, type Database, formatOf, openExisting } from '../../../store/database.ts';
import { type Watch, write } from '../../../store/entries.ts';
import { FORMAT, FORMAT_KEY, type IndexRecord, indexKey, indexValue, type StoreOp } from '../../../store/format.ts';
import { mendDatabase } from '../../../store/leveldb-repair.ts';
import { counts, covers, recordOf, Tally } from './counts.ts';
import { Aside } from './quarantine.ts';
import { type Damaged, type KnownName, type NamedMail, surveyMail, surveyNames, surveyRest } from './scan.ts';

/** The most operations in one write. */
const BATCH_OPS = 1000;

/** The result of `repair`. */
export interface Repaired {
  /** Whether LevelDB had to mend its files. */
  readonly database: boolean;
  /** Whether the format record was written. */
  readonly format: boolean;
  /** How many index records were written, and how many of those are for names that had none. */
  readonly records: number;
  readonly orphans: number;
  /** How many entries could not be read, and the file that has them now; null if there are none. */
  readonly movedAway: number;
  readonly movedTo: string | null;
  /** The names and the mail in the store after the repair. */
  readonly names: number;
  readonly messages: number;
  readonly bytes: number;
}

/**
 * Mends the store in `folder`.
 * @param now the time of the repair
 * @param watch is called with the progress
 * @throws StartError if there is no store, a broker has it open, or it cannot be mended
 */
export async function repair(folder: string, now: Date, watch?: Watch): Promise<Repaired> {
  await using aside = new Aside(folder, now);
  let db: Database | undefined;
  try {
    db = await openExisting(folder);
    return await new Mender(db, aside, now).mend(false, watch);
  } catch (error) {
    if (!(error instanceof DamagedStore)) throw error;
    await db?.close();
    db = await mendDatabase(folder);
    return await new Mender(db, aside, now).mend(true, watch);
  } finally {
    await db?.close();
  }
}

class Mender {
  readonly #db: Database;
  readonly #aside: Aside;
  readonly #now: number;
  readonly #ops: StoreOp[] = [];
  #records = 0;
  #orphans = 0;
  #names = 0;
  #messages = 0;
  #bytes = 0;

  constructor(db: Database, aside: Aside, now: Date) {
    this.#db = db;
    this.#aside = aside;
    this.#now = Math.floor(now.getTime() / 1000);
  }

  /** @param database whether LevelDB has mended its files before, for the result */
  async mend(database: boolean, watch: Watch | undefined): Promise<Repaired> {
    const format = (await formatOf(this.#db, this.#db.location)) !== FORMAT;
    for await (const seen of surveyNames(this.#db, watch)) await this.#nameOrDamaged(seen);
    await this.#flush();
    for await (const seen of surveyMail(this.#db, watch)) await this.#mailOrDamaged(seen);
    for await (const seen of surveyRest(this.#db)) await this.#moveAway(seen);
    if (format) await this.#do({ type: 'put', key: FORMAT_KEY, value: Buffer.from(String(FORMAT)) });
    await this.#flush();
    const { count, path } = this.#aside;
    return {
      database,
      format,
      records: this.#records,
      orphans: this.#orphans,
      movedAway: count,
      movedTo: count > 0 ? path : null,
      names: this.#names,
      messages: this.#messages,
      bytes: this.#bytes,
    };
  }

  async #nameOrDamaged(seen: KnownName | Damaged): Promise<void> {
    if (seen.kind === 'name') {
      this.#names++;
      if (seen.unfounded) await this.#record(seen.name, seen.record, new Tally());
      return;
    }
    await this.#aside.add(seen);
    if (seen.name === undefined) return;
    this.#names++;
    await this.#record(seen.name, undefined, new Tally());
  }

  async #mailOrDamaged(seen: NamedMail | Damaged): Promise<void> {
    if (seen.kind === 'damaged') {
      await this.#moveAway(seen);
      return;
    }
    const { name, mail, record } = seen;
    this.#messages += mail.count;
    this.#bytes += mail.bytes;
    if (record === 'none') {
      this.#names++;
      this.#orphans++;
      await this.#record(name, undefined, mail);
    } else if (record === 'damaged') await this.#record(name, undefined, mail);
    else if (!covers(record, mail) || !counts(record, mail)) await this.#record(name, record, mail);
  }

  async #record(name: Uint8Array, known: IndexRecord | undefined, mail: Tally): Promise<void> {
    this.#records++;
    await this.#do({ type: 'put', key: indexKey(name), value: indexValue(recordOf(known, mail, this.#now)) });
  }

  async #moveAway(entry: Damaged): Promise<void> {
    await this.#aside.add(entry);
    await this.#do({ type: 'del', key: entry.key });
  }

  async #do(op: StoreOp): Promise<void> {
    this.#ops.push(op);
    if (this.#ops.length >= BATCH_OPS) await this.#flush();
  }

  /** Entries are deleted from the store only once they are on disk in the file. */
  async #flush(): Promise<void> {
    if (this.#ops.length === 0) return;
    await this.#aside.sync();
    await write(this.#db, this.#ops.splice(0));
  }
}
