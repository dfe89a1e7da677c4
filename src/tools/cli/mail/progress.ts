/** The progress bar on a terminal, for work on a store that takes long. */
import { Presets, SingleBar } from 'cli-progress';
import type { Watch } from '../../../store/entries.ts';
import { MESSAGES_RANGE } from '../../../store/format.ts';

/** Shorter work needs no bar. */
const PATIENCE_MS = 1_000;
const BAR_MS = 200;

/** How far a work is: what is done, and all that is to be done. */
type Measure = () => Promise<readonly [done: number, total: number]>;

/** The progress of a work, which is shown until it is disposed. */
export interface Progress extends Disposable {
  /** May be called often. @param measure is only called when it is time to show the progress */
  show(what: string, measure: Measure): Promise<void>;
}

/** Shows progress until it is disposed; nothing if stderr is no terminal. */
export function showProgress(): Progress {
  return process.stderr.isTTY ? new Bar() : { show: async () => undefined, [Symbol.dispose]: () => undefined };
}

/** @returns what a read of the store tells how far it is */
export function watching(progress: Progress): Watch {
  return (db, range, key) =>
    progress.show(range === MESSAGES_RANGE ? 'mail ' : 'names', () =>
      Promise.all([db.approximateSize(range.from, key), db.approximateSize(range.from, range.to)]),
    );
}

class Bar implements Progress {
  readonly #single = new SingleBar(
    { stream: process.stderr, format: '{what} {bar} {percentage}%', gracefulExit: false },
    Presets.shades_classic,
  );
  #showAt = performance.now() + PATIENCE_MS;

  async show(what: string, measure: Measure): Promise<void> {
    const now = performance.now();
    if (now < this.#showAt) return;
    this.#showAt = now + BAR_MS;
    const [done, total] = await measure();
    if (!this.#single.isActive) this.#single.start(total, done, { what });
    this.#single.setTotal(Math.max(total, done, 1));
    this.#single.update(done, { what });
  }

  [Symbol.dispose](): void {
    if (this.#single.isActive) this.#single.stop();
  }
}
