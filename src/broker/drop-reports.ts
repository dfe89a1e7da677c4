/** What the shards count, added up and said in the log. */
import { DROP_REASONS, DROPS, dropLabel } from '../shared/codes/drops.ts';
import type { Log } from '../shared/common/log/log.ts';
import type { ShardStats } from '../shared/wire/control.ts';
import type { BrokerView } from './broker-view.ts';
import { type ShardSums, sumsOf } from './stats.ts';

/** How often drops are looked at, and said if there were any. */
const DROPS_INTERVAL_MS = 10_000;

/** Says now and then, while the broker runs, that mail was dropped and why. */
export class DropReports {
  readonly #stats: BrokerView['stats'];
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #dropped = 0;

  constructor(stats: BrokerView['stats'], log: Log) {
    this.#stats = stats;
    this.#log = log;
    this.#timer = setInterval(() => void this.#look(), DROPS_INTERVAL_MS);
    this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  async #look(): Promise<void> {
    try {
      const { dropped } = await this.#stats();
      const count = Object.values(dropped).reduce((sum, each) => sum + each, 0);
      if (count > this.#dropped) this.#log.info({ dropped: inWords(dropped) }, 'mail was dropped');
      this.#dropped = count;
    } catch (error) {
      this.#log.warn({ err: error }, 'no statistics');
    }
  }
}

/** Says at the end what was done in all. */
export function sayTotals(all: readonly ShardStats[], log: Log): void {
  const { delivered, returned, heldMessages, dropped } = sumsOf(all);
  log.info({ delivered, returned, held: heldMessages, dropped: inWords(dropped) }, 'drained');
}

/** The reasons for which something was dropped, in words. */
function inWords(dropped: ShardSums['dropped']): Readonly<Record<string, number>> {
  return Object.fromEntries(
    DROP_REASONS.flatMap((reason) => {
      const count = dropped[dropLabel(reason)];
      return count > 0 ? [[DROPS[reason], count]] : [];
    }),
  );
}
