/** Samples as charts need them: columns of numbers, with a hole where samples are missing. */
import type { Sample } from '../api/answers.ts';

/** Seconds without a sample from which on a line is broken. */
const HOLE_SECONDS = 3;

export interface Columns {
  /** In seconds since 1970. */
  readonly times: readonly number[];
  readonly received: readonly (number | null)[];
  readonly delivered: readonly (number | null)[];
  readonly held: readonly (number | null)[];
  readonly connections: readonly (number | null)[];
  readonly rssBytes: readonly (number | null)[];
  /** Of the shard that is latest. */
  readonly loopDelayMs: readonly (number | null)[];
}

export function columnsOf(samples: readonly Sample[]): Columns {
  const points = samples.flatMap((sample, index) => {
    const before = samples[index - 1];
    const isHole = before !== undefined && sample.at - before.at > HOLE_SECONDS * 1000;
    return isHole
      ? [
          { at: before.at + 1000, sample: undefined },
          { at: sample.at, sample },
        ]
      : [{ at: sample.at, sample }];
  });
  const column = (value: (sample: Sample) => number) =>
    points.map(({ sample }) => (sample === undefined ? null : value(sample)));
  const sum = (of: 'receivedPerSecond' | 'deliveredPerSecond' | 'heldMessages') =>
    column(({ shards }) => shards.reduce((total, shard) => total + shard[of], 0));
  return {
    times: points.map(({ at }) => at / 1000),
    received: sum('receivedPerSecond'),
    delivered: sum('deliveredPerSecond'),
    held: sum('heldMessages'),
    connections: column(({ connections }) => connections),
    rssBytes: column(({ rssBytes }) => rssBytes),
    loopDelayMs: column(({ shards }) => Math.max(0, ...shards.map(({ loopDelayMs }) => loopDelayMs))),
  };
}
