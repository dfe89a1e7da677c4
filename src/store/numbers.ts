/**
 * Where the numbers of a name's messages begin, and where they go on after a crash. They rise for ever, so that a
 * program which remembers the last number it has worked off can tell what comes twice.
 */
import type { IndexRecord } from './format.ts';

/** The numbers of a new name begin this much higher for each second since 1970. */
const NUMBERS_A_SECOND = 2 ** 20;
/** A crash of the broker makes the numbers of each name jump by this. */
export const CRASH_GAP = 2 ** 22;
/** Numbers that wait are nearer to each other than this, so that their lower halves tell the order. */
export const MAX_APART = 2 ** 30;

/**
 * @returns the number of the first message of a name that is not known, at this time in seconds since 1970. No name has
 *   a million messages a second all its life. So the numbers of a name rise also if it was forgotten meanwhile, even by
 *   a broker that has started again at once.
 */
export function firstNumberAt(seconds: number): number {
  return Math.floor(Math.max(1, seconds) * NUMBERS_A_SECOND);
}

/**
 * @returns the next number of a name that has this index record after a crash. Messages that were not stored had the
 *   numbers behind it, so these are left out.
 */
export function numberAfterCrash({ next, from }: Pick<IndexRecord, 'next' | 'from'>): number {
  return Math.max(next, Math.min(next + CRASH_GAP, from + MAX_APART));
}
