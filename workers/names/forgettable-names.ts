/**
 * The names that are away without mail, in the order in which they went away. These are forgotten first when there are
 * too many names. There may be a million of them, so the list is linked through the names themselves.
 */
import type { Name, Owned } from './name.ts';

/** A name, with write access to the fields that link it into the list. */
type IdleName = Owned<'idle' | 'olderIdle' | 'newerIdle'>;

export class ForgettableNames {
  #oldest: IdleName | undefined;
  #newest: IdleName | undefined;

  /** The name that has been away longest, apart from `except`. */
  oldestBut(except: Name | undefined): Name | undefined {
    return this.#oldest !== undefined && this.#oldest === except ? this.#oldest.newerIdle : this.#oldest;
  }

  /** Whether a name is in the list. */
  has(name: Name): boolean {
    return name.idle;
  }

  /** Adds a name that is not in the list: as the newest if it went away last, or else as the oldest. */
  add(name: Name): void {
    if (this.#newest === undefined || name.awaySince >= this.#newest.awaySince) this.#addNewest(name);
    else this.#addOldest(name);
  }

  /** Removes a name, if it is in the list. */
  remove(name: IdleName): void {
    if (!name.idle) return;
    const older: IdleName | undefined = name.olderIdle;
    const newer: IdleName | undefined = name.newerIdle;
    if (older === undefined) this.#oldest = newer;
    else older.newerIdle = newer;
    if (newer === undefined) this.#newest = older;
    else newer.olderIdle = older;
    name.idle = false;
    name.olderIdle = undefined;
    name.newerIdle = undefined;
  }

  #addNewest(name: IdleName): void {
    name.idle = true;
    name.olderIdle = this.#newest;
    if (this.#newest === undefined) this.#oldest = name;
    else this.#newest.newerIdle = name;
    this.#newest = name;
  }

  #addOldest(name: IdleName): void {
    name.idle = true;
    name.newerIdle = this.#oldest;
    if (this.#oldest === undefined) this.#newest = name;
    else this.#oldest.olderIdle = name;
    this.#oldest = name;
  }
}
