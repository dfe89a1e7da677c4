/**
 * The names that one program watches. It is told of each at once, and of every change. While it does not read, only the
 * newest state of each name is kept.
 */
import type { NoticeBuffer } from '../notice-buffer.ts';
import { MAX_WATCHES, nameKey, type Presence, type Watcher } from '../presence.ts';
import type { Turns } from '../reader/turns.ts';

/** So many names may be watched by one session. */
export const MAX_WATCHED_NAMES = 1_000;

/** What a watch is made of. */
export interface WatchParts {
  readonly presence: Presence;
  readonly notices: Pick<NoticeBuffer, 'say'>;
  readonly turns: Pick<Turns, 'atEnd'>;
  /** The notices that wait for the socket. */
  readonly waiting: { readonly bytes: number };
}

/** A state of a name that the program has not been told yet. */
interface Change {
  readonly here: boolean;
  readonly time: number;
}

export class Watch implements Watcher {
  readonly #parts: WatchParts;
  /** The names by their keys. */
  readonly #names = new Map<string, Uint8Array>();
  /** The newest changes, the latest last. */
  readonly #changes = new Map<string, Change>();
  #scheduled = false;

  constructor(parts: WatchParts) {
    this.#parts = parts;
  }

  /** Watches more names, or none of them if they are too many. @param id of the request, for an error */
  add(names: readonly Uint8Array[], id: string | undefined): void {
    const { presence, notices } = this.#parts;
    const added = new Map(names.map((name) => [nameKey(name), name]));
    const more = [...added.keys()].filter((key) => !this.#names.has(key)).length;
    if (this.#names.size + more > MAX_WATCHED_NAMES) {
      notices.say({ code: 'WATCHES_FULL', id, max: MAX_WATCHED_NAMES, by: 'one program' });
    } else if (presence.watches + more > MAX_WATCHES) {
      notices.say({ code: 'WATCHES_FULL', id, max: MAX_WATCHES, by: 'all programs together' });
    } else {
      for (const [key, name] of added) {
        this.#names.set(key, name);
        presence.watch(key, this);
        this.#changes.delete(key);
        notices.say({ code: 'PRESENCE', name, here: presence.has(key), time: presence.now() });
      }
    }
  }

  /** Watches these names no more. */
  remove(names: readonly Uint8Array[]): void {
    for (const name of names) this.#remove(nameKey(name));
  }

  /** Watches nothing any more. */
  end(): void {
    for (const key of this.#names.keys()) this.#remove(key);
  }

  #remove(key: string): void {
    this.#parts.presence.unwatch(key, this);
    this.#names.delete(key);
    this.#changes.delete(key);
  }

  /** See Watcher. */
  changed(key: string, here: boolean, time: number): void {
    this.#changes.delete(key); // so that it comes last
    this.#changes.set(key, { here, time });
    this.sayLater();
  }

  /** Tells the program of changes at the end of the turn, unless notices wait for its socket then. */
  sayLater(): void {
    if (this.#scheduled || this.#changes.size === 0) return;
    this.#scheduled = true;
    this.#parts.turns.atEnd(() => {
      this.#scheduled = false;
      if (this.#parts.waiting.bytes === 0) this.#say();
    });
  }

  #say(): void {
    for (const [key, change] of this.#changes) {
      const name = this.#names.get(key);
      if (name !== undefined) this.#parts.notices.say({ code: 'PRESENCE', name, ...change });
    }
    this.#changes.clear();
  }
}
