/** The progress bar on a terminal, for reads of the store that take long. */
import { Presets, SingleBar } from 'cli-progress';
import type { Watch } from '../../../store/entries.ts';
import { MESSAGES_RANGE } from '../../../store/format.ts';

/** A shorter read needs no bar. */
const PATIENCE_MS = 1_000;
const BAR_MS = 200;

/** A read whose progress is shown until it is disposed. */
export interface Reading extends Disposable {
  /** Must be called with the progress; undefined if stderr is no terminal. */
  readonly watch?: Watch;
}

/** Shows progress until it is disposed. */
export function showReading(): Reading {
  return process.stderr.isTTY ? new Bar() : { [Symbol.dispose]: () => {} };
}

class Bar implements Reading {
  readonly #single = new SingleBar(
    { stream: process.stderr, format: '{what} {bar} {percentage}%', gracefulExit: false },
    Presets.shades_classic,
  );
  #showAt = performance.now() + PATIENCE_MS;

  readonly watch: Watch = async (db, range, key) => {
    const now = performance.now();
    if (now < this.#showAt) return;
    this.#showAt = now + BAR_MS;
    const what = range === MESSAGES_RANGE ? 'mail ' : 'names';
    const [done, total] = await Promise.all([
      db.approximateSize(range.from, key),
      db.approximateSize(range.from, range.to),
    ]);
    if (!this.#single.isActive) this.#single.start(total, done, { what });
    this.#single.setTotal(Math.max(total, 1));
    this.#single.update(done, { what });
  };

  [Symbol.dispose](): void {
    if (this.#single.isActive) this.#single.stop();
  }
}
