/**
 * The names that are away with nothing waiting, those away longest first: the ones that are forgotten when names are
 * too many. A linked list through the names themselves, because there may be a million of them.
 */
import type { Name } from './name-table.ts';

export class IdleNames {
  #oldest: Name | undefined;
  #newest: Name | undefined;

  /** Who has been away longest. */
  get oldest(): Name | undefined {
    return this.#oldest;
  }

  /** Adds a name that is not in the list: behind all others if it has left last, before them otherwise. */
  add(name: Name): void {
    if (this.#newest === undefined || name.awaySince >= this.#newest.awaySince) this.#addNewest(name);
    else this.#addOldest(name);
  }

  /** Takes a name out, if it is in the list. */
  remove(name: Name): void {
    if (!name.idle) return;
    const { olderIdle, newerIdle } = name;
    if (olderIdle === undefined) this.#oldest = newerIdle;
    else olderIdle.newerIdle = newerIdle;
    if (newerIdle === undefined) this.#newest = olderIdle;
    else newerIdle.olderIdle = olderIdle;
    name.idle = false;
    name.olderIdle = undefined;
    name.newerIdle = undefined;
  }

  #addNewest(name: Name): void {
    name.idle = true;
    name.olderIdle = this.#newest;
    if (this.#newest === undefined) this.#oldest = name;
    else this.#newest.newerIdle = name;
    this.#newest = name;
  }

  #addOldest(name: Name): void {
    name.idle = true;
    name.newerIdle = this.#oldest;
    if (this.#oldest === undefined) this.#newest = name;
    else this.#oldest.olderIdle = name;
    this.#oldest = name;
  }
}
