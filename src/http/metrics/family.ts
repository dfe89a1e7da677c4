/** The metrics as tables: each row is a metric, and says where its values are in the figures of the broker. */
import type { BrokerFigures } from '../../broker/broker-view.ts';
import { DROP_REASONS } from '../../shared/codes/drops.ts';

/** One value of a metric. No label ever holds a name of a peer: anybody could make as many values as he likes. */
export interface Sample<Value> {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: Value;
}

interface Row<Value> {
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
  readonly read: (figures: BrokerFigures) => readonly Sample<Value>[];
}

/** Counts and lengths of time, by their lengths. */
export interface Histogram {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

export type Family =
  | ({ readonly kind: 'counter' | 'gauge' } & Row<number>)
  | ({ readonly kind: 'histogram' } & Row<Histogram>);

type Shard = BrokerFigures['shards'][number];
type Stats = NonNullable<Shard['stats']>;

/** A metric with one value; none if it is undefined. */
export function single(
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  value: (figures: BrokerFigures) => number | undefined,
): Family {
  const read = (figures: BrokerFigures) => {
    const now = value(figures);
    return now === undefined ? [] : [{ labels: {}, value: now }];
  };
  return { kind, name, help, labels: [], read };
}

/** A metric with a value for each key of a record or a map. */
export function keyed(
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  label: string,
  values: (figures: BrokerFigures) => Iterable<readonly [string, number]>,
): Family {
  const read = (figures: BrokerFigures) =>
    Array.from(values(figures), ([key, value]) => ({ labels: { [label]: key.toLowerCase() }, value }));
  return { kind, name, help, labels: [label], read };
}

/** A metric with a value for each shard; none for a shard of which it is undefined. */
export function ofShards(
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  value: (shard: Shard) => number | undefined,
): Family {
  const read = ({ shards }: BrokerFigures) =>
    shards.flatMap((figures, shard) => {
      const of = value(figures);
      return of === undefined ? [] : [{ labels: { shard: String(shard) }, value: of }];
    });
  return { kind, name, help, labels: ['shard'], read };
}

/** A metric with values for each shard that is up, each with a label more. */
export function ofShardsBy(
  kind: 'counter' | 'gauge',
  name: string,
  help: string,
  label: string,
  values: (stats: Stats) => Readonly<Record<string, number>>,
): Family {
  const read = ({ shards }: BrokerFigures) =>
    shards.flatMap(({ stats }, shard) =>
      Object.entries(stats === undefined ? {} : values(stats)).map(([key, value]) => ({
        labels: { shard: String(shard), [label]: key },
        value,
      })),
    );
  return { kind, name, help, labels: ['shard', label], read };
}

/** A histogram. */
export function times(
  name: string,
  help: string,
  label: string | undefined,
  read: (figures: BrokerFigures) => readonly Sample<Histogram>[],
): Family {
  return { kind: 'histogram', name, help, labels: label === undefined ? [] : [label], read };
}

/** All reasons for which a shard has dropped messages, each with its count. */
export function dropsOf({ dropped }: Stats): Record<string, number> {
  return Object.fromEntries(DROP_REASONS.map((reason) => [reason.toLowerCase(), dropped[reason]]));
}
