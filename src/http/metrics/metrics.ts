/** The figures of the broker as Prometheus reads them. They are taken when it asks. */
import { Counter, Gauge, Histogram, type HistogramConfiguration, Registry } from 'prom-client';
import type { BrokerFigures, BrokerView } from '../../broker/broker-view.ts';
import { DURATION_BOUNDS_SECONDS } from '../../shared/wire/port/durations.ts';
import { BROKER_FAMILIES } from './broker-families.ts';
import type { Histogram as Counts, Family, Sample } from './family.ts';
import { SHARD_FAMILIES } from './shard-families.ts';
import { TLS_FAMILIES } from './tls-families.ts';

/** All that are tables. */
export const FAMILIES: readonly Family[] = [...BROKER_FAMILIES, ...TLS_FAMILIES, ...SHARD_FAMILIES];

/** How many sessions clients of HTTP use, by what for. */
export interface HttpSessionCounts {
  readonly mail: number;
  readonly send: number;
}

/** The metrics of one broker. */
export class Metrics {
  readonly #view: Pick<BrokerView, 'figures' | 'health'>;
  readonly #registry = new Registry();
  readonly #updates: readonly ((figures: BrokerFigures) => void)[];
  readonly #store: Gauge<'state'>;
  readonly #sessions: Gauge<'use'>;
  readonly #countSessions: () => HttpSessionCounts;
  /** The scrape that is under way. Who asks meanwhile gets the same. */
  #scrape: Promise<string> | undefined;

  /** @param countSessions counts the sessions of clients of HTTP */
  constructor(view: Pick<BrokerView, 'figures' | 'health'>, countSessions: () => HttpSessionCounts) {
    this.#view = view;
    this.#countSessions = countSessions;
    this.#updates = FAMILIES.map((family) => this.#updateOf(family));
    const help = 'Whether the store can be read and written: 1 for what is true, 0 for the rest.';
    this.#store = new Gauge({ name: 'restante_store_state', help, labelNames: ['state'], registers: [this.#registry] });
    const about = 'Open connections that clients of HTTP use, by what for; each is one of restante_connections too.';
    const sessions = { name: 'restante_http_sessions', help: about, labelNames: ['use'] as const };
    this.#sessions = new Gauge({ ...sessions, registers: [this.#registry] });
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics, as text. */
  scrape(): Promise<string> {
    this.#scrape ??= this.#take().finally(() => {
      this.#scrape = undefined;
    });
    return this.#scrape;
  }

  async #take(): Promise<string> {
    const figures = await this.#view.figures();
    for (const update of this.#updates) update(figures);
    const now = this.#view.health().store;
    for (const state of ['none', 'open', 'unwritable', 'closed']) this.#store.set({ state }, state === now ? 1 : 0);
    for (const [use, count] of Object.entries(this.#countSessions())) this.#sessions.set({ use }, count);
    return this.#registry.metrics();
  }

  #updateOf(family: Family): (figures: BrokerFigures) => void {
    const { name, help } = family;
    const options = { name, help, labelNames: [...family.labels], registers: [this.#registry] };
    switch (family.kind) {
      case 'counter': {
        const counter = new Counter(options);
        return (figures) => {
          counter.reset();
          for (const { labels, value } of family.read(figures)) counter.inc(labels, value);
        };
      }
      case 'gauge': {
        const gauge = new Gauge(options);
        return (figures) => {
          gauge.reset();
          // One without labels would be 0.
          if (family.labels.length === 0) gauge.remove();
          for (const { labels, value } of family.read(figures)) gauge.set(labels, value);
        };
      }
      case 'histogram': {
        const histogram = new CountedHistogram({ ...options, buckets: [...DURATION_BOUNDS_SECONDS] });
        return (figures) => {
          histogram.counted = family.read(figures);
        };
      }
      default:
        return family satisfies never;
    }
  }
}

/** A histogram whose counts are somebody else's. That of the package can only count by itself. */
class CountedHistogram extends Histogram {
  readonly #about: { readonly name: string; readonly help: string };
  counted: readonly Sample<Counts>[] = [];

  constructor(options: HistogramConfiguration<string>) {
    super(options);
    this.#about = { name: options.name, help: options.help };
  }

  /** The package makes its text of this. Its types do not tell of it. */
  getForPromString(): Promise<object> {
    const values = this.counted.flatMap((sample) => valuesOf(this.#about.name, sample));
    return Promise.resolve({ ...this.#about, type: 'histogram', values });
  }
}

function valuesOf(name: string, { labels, value: { counts, sumSeconds } }: Sample<Counts>) {
  let total = 0;
  const buckets = counts.map((count, index) => {
    total += count;
    const le = String(DURATION_BOUNDS_SECONDS[index] ?? '+Inf');
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total };
  });
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels: { ...labels }, value: sumSeconds },
    { metricName: `${name}_count`, labels: { ...labels }, value: total },
  ];
}
