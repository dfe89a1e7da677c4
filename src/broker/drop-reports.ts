/** Logs how much mail the shards have dropped. */
import { DROP_REASONS, DROPS, dropLabel } from '../shared/codes/drops.ts';
import type { Log } from '../shared/common/log/log.ts';
import type { ShardStats } from '../shared/wire/port/control.ts';
import { type ShardSums, sumsOf } from './admin/stats.ts';
import type { BrokerView } from './broker-view.ts';

/** How often the figures are read. Nothing is logged if nothing was dropped since. */
const DROPS_INTERVAL_MS = 10_000;

/** Logs at intervals how much mail was dropped, and for which reasons. */
export class DropReports {
  readonly #stats: BrokerView['stats'];
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #dropped = 0;

  /** @param stats sums over all shards; a rejection is logged, and the next interval tries again */
  constructor(stats: BrokerView['stats'], log: Log) {
    this.#stats = stats;
    this.#log = log;
    this.#timer = setInterval(() => void this.#look(), DROPS_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Stops the timer. */
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

/** Logs the totals of a broker that has drained. @param all the last figures of every shard */
export function sayTotals(all: readonly ShardStats[], log: Log): void {
  const { delivered, returned, heldMessages, dropped } = sumsOf(all);
  log.info({ delivered, returned, held: heldMessages, dropped: inWords(dropped) }, 'drained');
}

/** How much was dropped, by the text of each reason. Reasons for which nothing was dropped are left out. */
function inWords(dropped: ShardSums['dropped']): Readonly<Record<string, number>> {
  return Object.fromEntries(
    DROP_REASONS.flatMap((reason) => {
      const count = dropped[dropLabel(reason)];
      return count > 0 ? [[DROPS[reason], count]] : [];
    }),
  );
}
