/** What the shards have done and hold, as figures of the broker as a whole. */
import { DROP_REASONS, type DropLabel, dropLabel } from '../shared/codes/drops.ts';
import type { ShardStats } from '../shared/wire/control.ts';

/** The sums over all shards that are there. What a shard had done before it crashed is not among them. */
export interface ShardSums extends Readonly<Record<Exclude<keyof ShardStats, 'dropped'>, number>> {
  readonly dropped: Readonly<Record<DropLabel, number>>;
}

/** @param all undefined for a shard that is down */
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
    malformed: sum(({ malformed }) => malformed),
    dropped: Object.fromEntries(dropped) as Record<DropLabel, number>,
  };
}
