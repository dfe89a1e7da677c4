/**
 * How each micro-benchmark is measured. A round says how much it did, and one that did anything else than it should
 * fails the run: a benchmark that is fast because it is wrong is worse than none.
 */
import { bench } from 'vitest';

/** `throws`, because vitest otherwise leaves out in silence what failed while it was warmed up. */
const OPTIONS = { warmupTime: 300, time: 1_000, throws: true };

/** Measures rounds, each of which must answer `expected`. */
export function measure(name: string, expected: number, round: () => number): void {
  bench(name, () => demand(expected, round()), OPTIONS);
}

/** The same for rounds that wait for something. */
export function measureAsync(name: string, expected: number, round: () => Promise<number>): void {
  bench(name, async () => demand(expected, await round()), OPTIONS);
}

function demand(expected: number, done: number): void {
  if (done !== expected) throw new Error(`a round did ${done} and should have done ${expected}`);
}
