/**
 * Watches a few files that others replace: by a new name over the old one, or by a link that is turned, as certbot and
 * Kubernetes do. The system is asked for events of their folders. It knows nothing of a link further up, or of a folder
 * on a network, so the files are looked at from time to time as well.
 */
import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** How often files are looked at, in milliseconds. Tests set shorter times. */
export interface WatchTimes {
  /** Without an event. */
  readonly pollMs: number;
  /** After an event, and until nothing changes any more: several files are seldom replaced at once. */
  readonly settleMs: number;
}

export const WATCH_TIMES: WatchTimes = { pollMs: 5_000, settleMs: 200 };

export class FileWatch {
  readonly #files: readonly string[];
  readonly #changed: () => void;
  readonly #times: WatchTimes;
  readonly #watchers: FSWatcher[] = [];
  #timer: NodeJS.Timeout | undefined;
  #looking = false;
  /** What was told last, and what was seen last. They differ while something changes. */
  #told = '';
  #seen = '';
  #ended = false;

  /** @param changed is called when files have changed and are still again */
  constructor(files: readonly string[], changed: () => void, times: WatchTimes = WATCH_TIMES) {
    this.#files = files;
    this.#changed = changed;
    this.#times = times;
  }

  /** Starts. What is there now counts as known, so files are to be read after this. */
  async start(): Promise<void> {
    this.#told = await this.#look();
    this.#seen = this.#told;
    if (this.#ended) return;
    for (const folder of new Set(this.#files.map((file) => dirname(file)))) this.#listen(folder);
    this.#lookIn(this.#times.pollMs);
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers) watcher.close();
  }

  /** Where the system has no events for a folder, or no more watches, the looks from time to time are enough. */
  #listen(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#lookIn(this.#times.settleMs));
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    } catch {
      // The folder is looked at all the same.
    }
  }

  #lookIn(ms: number): void {
    if (this.#ended || this.#looking) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#compare(), ms);
    this.#timer.unref();
  }

  async #compare(): Promise<void> {
    this.#looking = true;
    const now = await this.#look();
    this.#looking = false;
    if (this.#ended) return;
    const still = now === this.#seen;
    this.#seen = now;
    if (still && now !== this.#told) {
      this.#told = now;
      this.#changed();
    }
    this.#lookIn(now === this.#told ? this.#times.pollMs : this.#times.settleMs);
  }

  /** @returns a text that differs if one of the files does. A file that is not there counts as another one. */
  async #look(): Promise<string> {
    const looks = this.#files.map(async (file) => {
      try {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
        return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
      } catch {
        return 'not there';
      }
    });
    return (await Promise.all(looks)).join('\n');
  }
}
