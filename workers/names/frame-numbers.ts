/**
 * The numbers of a name's frames. They rise for ever, and are the one order of its mail in memory, in batches and in
 * the store. A frame gets its number when it goes out at once or begins to wait, and keeps it.
 */
import type { Owned } from './name.ts';

/** @returns the number of the name's next frame, which is taken by that */
export function takeNumber(name: Owned<'nextNumber'>): number {
  return name.nextNumber++;
}

/** Frames of the name up to `number` are there already: its next one comes behind them. */
export function continueBehind(name: Owned<'nextNumber'>, number: number): void {
  name.nextNumber = Math.max(name.nextNumber, number + 1);
}
