/** Tells a peer that it may not write to a name: at first, and every five seconds how many more messages there were. */
import type { Notice } from '../../protocol/notice-line.ts';
import { nameKey } from '../presence.ts';

const AGAIN_MS = 5_000;
/** So many names are counted one by one. The one that was met first is forgotten first. */
export const MAX_FORBIDDEN_NAMES = 64;

interface Told {
  at: number;
  more: number;
}

export class ForbiddenNews {
  readonly #say: (notice: Notice) => void;
  readonly #now: () => number;
  readonly #told = new Map<string, Told>();

  /** @param now a monotonic clock, in milliseconds */
  constructor(say: (notice: Notice) => void, now: () => number = () => performance.now()) {
    this.#say = say;
    this.#now = now;
  }

  /** A message to this name was refused. */
  note(name: Uint8Array): void {
    const key = nameKey(name);
    const told = this.#told.get(key);
    const now = this.#now();
    if (told === undefined) {
      this.#add(key, { at: now, more: 0 });
      this.#say({ code: 'NAME_FORBIDDEN', name, more: 0 });
    } else if (now - told.at < AGAIN_MS) told.more++;
    else {
      this.#say({ code: 'NAME_FORBIDDEN', name, more: told.more + 1 });
      told.at = now;
      told.more = 0;
    }
  }

  #add(key: string, told: Told): void {
    this.#told.set(key, told);
    if (this.#told.size <= MAX_FORBIDDEN_NAMES) return;
    const [oldest] = this.#told.keys();
    if (oldest !== undefined) this.#told.delete(oldest);
  }
}
