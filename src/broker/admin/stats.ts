/** The figures of all shards, summed up for the broker. */
import { DROP_REASONS, type DropLabel, dropLabel } from '../../shared/codes/drops.ts';
import type { ShardStats } from '../../shared/wire/port/control.ts';

/** The sums over all shards that are up. What a shard did before it crashed is not included. */
export interface ShardSums extends Readonly<Record<Exclude<keyof ShardStats, 'dropped'>, number>> {
  readonly dropped: Readonly<Record<DropLabel, number>>;
}

/** Sums up the figures of the shards. @param all one entry a shard; undefined for a shard that is down */
export function sumsOf(all: readonly (ShardStats | undefined)[]): ShardSums {
  const there = all.filter((stats) => stats !== undefined);
  const sum = (of: (stats: ShardStats) => number) => there.reduce((total, stats) => total + of(stats), 0);
  const dropped = DROP_REASONS.map((reason) => [dropLabel(reason), sum((stats) => stats.dropped[reason])]);
  return {
    names: sum(({ names }) => names),
    namesAway: sum(({ namesAway }) => namesAway),
    attachments: sum(({ attachments }) => attachments),
    heldMessages: sum(({ heldMessages }) => heldMessages),
    heldBytes: sum(({ heldBytes }) => heldBytes),
    memoryBytes: sum(({ memoryBytes }) => memoryBytes),
    delivered: sum(({ delivered }) => delivered),
    returned: sum(({ returned }) => returned),
    fed: sum(({ fed }) => fed),
    held: sum(({ held }) => held),
    queued: sum(({ queued }) => queued),
    repeats: sum(({ repeats }) => repeats),
    redelivered: sum(({ redelivered }) => redelivered),
    malformed: sum(({ malformed }) => malformed),
    dropped: Object.fromEntries(dropped) as Record<DropLabel, number>,
  };
}
