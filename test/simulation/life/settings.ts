/** Settings of a simulated broker: small and unusual, so that every limit is reached. */
import type { WorldSettings } from '../world/world.ts';
import type { Chance } from './chance.ts';

export const MAX_PEERS = 12;
/** Longer than the longest life, so that no mail becomes too old. */
const LONG_HOLD_SECONDS = 10 ** 8;
/** In a life with this, mail becomes too old, and names are forgotten. */
const SHORT_HOLD_SECONDS = 150;
/** The wall clock jumps by multiples of this. Each jump is longer than HOLD_SECONDS. */
export const JUMP_SECONDS = 3 * LONG_HOLD_SECONDS;

export interface LifeSettings {
  /** Whether the limit of names may be lower than their number. */
  readonly mayForget: boolean;
  readonly holdSeconds: number;
}

/** @param mayForget whether names may be forgotten */
export function holdSecondsOf(chance: Chance, mayForget: boolean): number {
  return mayForget && chance.once(2) ? SHORT_HOLD_SECONDS : LONG_HOLD_SECONDS;
}

export function someSettings(chance: Chance, { mayForget, holdSeconds }: LifeSettings): WorldSettings {
  return {
    shards: chance.int(1, 3),
    holdSeconds,
    holdUnknown: chance.once(2),
    maxNameBytes: 100,
    notices: true,
    strict: chance.once(2),
    mailboxMaxMessages: Number.POSITIVE_INFINITY,
    mailboxMaxBytes: Number.POSITIVE_INFINITY,
    writeWindowBytes: chance.of([1, 60, 200, 2_000]),
    firstWindowBytes: chance.of([1, 60, 2_000]),
    frontBytes: chance.of([1, 50, 150, 10_000]),
    memoryBytes: chance.of([0, 200, 10_000]),
    fullMemoryBytes: chance.of([0, 100, 1000, Number.POSITIVE_INFINITY]),
    handedBytes: chance.of([0, 100, Number.POSITIVE_INFINITY]),
    unreportedBytes: 20,
    reservePercent: 0,
    maxNames: mayForget ? chance.of([1, 2]) : Number.POSITIVE_INFINITY,
    dedupeSeconds: LONG_HOLD_SECONDS,
    dedupeMax: Number.POSITIVE_INFINITY,
    authenticatesLate: chance.once(3),
    roads: {
      partCostBytes: chance.of([1, 1_000, 100_000]),
      turnCostBytes: chance.of([1, 1_000, 100_000]),
      lineCostBytes: chance.of([0, 2 ** 20, 2 ** 21]),
      highWaterBytes: chance.of([100, 400, 100_000]),
    },
  };
}
