/** Rates whose time passes only when a test says so. */
import { rateSettings } from '../../../../src/broker/connections/rate-settings.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { Rates } from '../../../../src/shared/visitors/rates.ts';
import { Visit } from '../../../../src/shared/visitors/visit.ts';

/** A clock with timers. */
export class PaperTime {
  ms = 1_000_000;
  readonly #timers = new Map<() => void, number>();
  readonly now = () => this.ms;
  readonly startTimer = (ms: number, step: () => void) => {
    this.#timers.set(step, this.ms + ms);
    return () => void this.#timers.delete(step);
  };

  get waiting(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and the timers run that are due by then, in order. */
  pass(ms: number): void {
    const end = this.ms + ms;
    for (;;) {
      const [next] = [...this.#timers].filter(([, at]) => at <= end).sort(([, one], [, other]) => one - other);
      if (next === undefined) break;
      this.#timers.delete(next[0]);
      this.ms = next[1];
      next[0]();
    }
    this.ms = end;
  }
}

/** @param env settings, as an operator writes them */
export const settingsOf = (env: Record<string, string>) => rateSettings(readConfig(env));

export function ratesOf(env: Record<string, string> = {}, time = new PaperTime()): Rates {
  return new Rates(settingsOf(env), time);
}

/** @throws Error if it is not let in */
export function visitOf(rates: Rates, address: string): Visit {
  const visit = rates.enter(address);
  if (!(visit instanceof Visit)) throw new Error(visit.why);
  return visit;
}
