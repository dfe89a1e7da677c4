/** The `verify` command: it reads the whole store, and reports what is wrong with it. */
import { counted, textOf } from '../../../shared/common/text.ts';
import { DamagedStore, type Database, formatOf, openExisting } from '../../../store/database.ts';
import type { Watch } from '../../../store/entries.ts';
import type { IndexRecord } from '../../../store/format.ts';
import { counts, covers, type Tally } from './counts.ts';
import { type Damaged, type KnownName, type NamedMail, surveyMail, surveyNames, surveyRest } from './scan.ts';

/** The most findings that are reported. Further ones are only counted. */
const MOST_TOLD = 1000;

/** One thing that is wrong. */
export interface Finding {
  readonly what: 'database' | 'format' | 'state' | 'index record' | 'message' | 'recent send' | 'unknown key';
  readonly says: string;
  readonly name?: string;
  /** The key of the entry, in hexadecimal. */
  readonly key?: string;
}

/** The result of `verify`. */
export interface Verdict {
  readonly sound: boolean;
  /** What could be read. */
  readonly names: number;
  readonly messages: number;
  readonly bytes: number;
  readonly findings: readonly Finding[];
  /** The number of all findings, including those that are not reported. */
  readonly found: number;
}

/**
 * Checks the store in `folder`. No entry of it is changed.
 * @param watch is called with the progress
 * @throws StartError if there is no store, or a broker has it open
 */
export async function verify(folder: string, watch?: Watch): Promise<Verdict> {
  const inspection = new Inspection();
  try {
    await using db = await openExisting(folder);
    await inspection.read(db, watch);
  } catch (error) {
    if (!(error instanceof DamagedStore)) throw error;
    inspection.found('database', { says: error.reason });
  }
  return inspection.verdict;
}

class Inspection {
  #names = 0;
  #messages = 0;
  #bytes = 0;
  #found = 0;
  readonly #findings: Finding[] = [];

  async read(db: Database, watch: Watch | undefined): Promise<void> {
    const format = await formatOf(db, db.location);
    for await (const seen of surveyNames(db, watch)) {
      if (seen.kind === 'name') this.#name(seen);
      else this.#damaged(seen);
    }
    for await (const seen of surveyMail(db, watch)) {
      if (seen.kind === 'mail') this.#mail(seen);
      else this.#damaged(seen);
    }
    for await (const seen of surveyRest(db)) this.#damaged(seen);
    // A new store may lack the record, if its broker died before the first write.
    if (format === undefined && !this.#empty) this.found('format', { says: 'there is no format record' });
  }

  get verdict(): Verdict {
    return {
      sound: this.#found === 0,
      names: this.#names,
      messages: this.#messages,
      bytes: this.#bytes,
      findings: this.#findings,
      found: this.#found,
    };
  }

  found(what: Finding['what'], finding: Omit<Finding, 'what'>): void {
    this.#found++;
    if (this.#findings.length < MOST_TOLD) this.#findings.push({ what, ...finding });
  }

  get #empty(): boolean {
    return this.#names === 0 && this.#messages === 0 && this.#found === 0;
  }

  #damaged({ what, key, name, why }: Damaged): void {
    const about = name === undefined ? {} : { name: textOf(name) };
    this.found(what, { ...about, says: why, key: Buffer.from(key).toString('hex') });
  }

  #name({ name, record, unfounded }: KnownName): void {
    this.#names++;
    if (unfounded)
      this.found('index record', { name: textOf(name), says: `it says ${extentOf(record)}; stored: none` });
  }

  #mail({ name, mail, record, damaged }: NamedMail): void {
    this.#messages += mail.count;
    this.#bytes += mail.bytes;
    if (record === 'damaged') return;
    const says = complaint(record, mail, damaged > 0);
    if (says !== undefined) this.found('index record', { name: textOf(name), says });
  }
}

/**
 * @returns what is wrong with the index record of this mail; undefined if nothing is
 * @param countsDiffer whether the counts may differ, because some mail cannot be read
 */
function complaint(record: IndexRecord | 'none', mail: Tally, countsDiffer: boolean): string | undefined {
  const stored = `stored: ${extentOf(mail)}`;
  if (record === 'none') return `it is missing; ${stored}`;
  if (mail.to > record.next) return `its next number is ${record.next}; ${stored}`;
  if (covers(record, mail) && (countsDiffer || counts(record, mail))) return undefined;
  return `it says ${extentOf(record)}; ${stored}`;
}

function extentOf({ count, bytes, from, to }: Pick<IndexRecord, 'count' | 'bytes' | 'from' | 'to'>): string {
  return `${counted(count, 'message')} (${counted(bytes, 'byte')}) with numbers from ${from} to before ${to}`;
}
