/**
 * The numbers of a name's frames. They rise for ever, and are the one order of its mail in memory, in batches and in
 * the store. A frame gets its number when it goes out at once or begins to wait, and keeps it.
 *
 * What must be true (I33): no number is given to two messages of a name, whatever crashes. So the index record of the
 * name in the store is never further behind its numbers than a crash makes them jump.
 */
import { CRASH_GAP } from '../../src/store/numbers.ts';
import type { Name, Owned } from './name.ts';

/** So many numbers may be given that the store does not know of. What a writer has in hand fits into the other half. */
const MAX_UNSTORED_NUMBERS = CRASH_GAP / 2;

/** @returns the number of the name's next frame, which is taken by that */
export function takeNumber(name: Owned<'nextNumber'>): number {
  return name.nextNumber++;
}

/** The name, which was just added, begins with this number. */
export function beginWith(name: Owned<'nextNumber'>, number: number): void {
  name.nextNumber = number;
}

/** Whether the store must be told the next number of the name now. */
export function mustStoreNumber({ nextNumber, storedNumber }: Name): boolean {
  return nextNumber - storedNumber > MAX_UNSTORED_NUMBERS;
}

/** Frames of the name up to `number` are there already: its next one comes behind them. */
export function continueBehind(name: Owned<'nextNumber'>, number: number): void {
  name.nextNumber = Math.max(name.nextNumber, number + 1);
}
