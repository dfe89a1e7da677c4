/** What the shards count, added up and said in the log. */
import { DROP_REASONS, DROPS, type DropReason } from '../shared/codes/drops.ts';
import type { Log } from '../shared/common/log/log.ts';
import type { ShardStats } from '../shared/wire/control.ts';

/** How often drops are looked at, and said if there were any. */
const DROPS_INTERVAL_MS = 10_000;

type Drops = Partial<Record<DropReason, number>>;

/** Says now and then, while the broker runs, that mail was dropped and why. */
export class DropReports {
  readonly #stats: () => Promise<(ShardStats | undefined)[]>;
  readonly #log: Log;
  readonly #timer: NodeJS.Timeout;
  #dropped = 0;

  constructor(stats: () => Promise<(ShardStats | undefined)[]>, log: Log) {
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
      const drops = sumDrops(await this.#stats());
      const dropped = Object.values(drops).reduce((sum, count) => sum + count, 0);
      if (dropped > this.#dropped) this.#log.info({ dropped: inWords(drops) }, 'mail was dropped');
      this.#dropped = dropped;
    } catch (error) {
      this.#log.warn({ err: error }, 'no statistics');
    }
  }
}

/** Says at the end what was done in all. */
export function sayTotals(all: readonly ShardStats[], log: Log): void {
  const sum = (value: (stats: ShardStats) => number) => all.reduce((total, stats) => total + value(stats), 0);
  const totals = {
    delivered: sum((stats) => stats.delivered),
    returned: sum((stats) => stats.returned),
    held: sum((stats) => stats.heldMessages),
    dropped: inWords(sumDrops(all)),
  };
  log.info(totals, 'drained');
}

function sumDrops(all: readonly (ShardStats | undefined)[]): Drops {
  const sum: Drops = {};
  for (const stats of all) {
    if (stats === undefined) continue;
    for (const reason of DROP_REASONS) sum[reason] = (sum[reason] ?? 0) + stats.dropped[reason];
  }
  return sum;
}

/** The reasons for which something was dropped, in words. */
function inWords(drops: Drops): Readonly<Record<string, number>> {
  return Object.fromEntries(
    DROP_REASONS.flatMap((reason) => {
      const count = drops[reason] ?? 0;
      return count > 0 ? [[DROPS[reason], count]] : [];
    }),
  );
}
