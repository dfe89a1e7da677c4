/** Where the numbers of a name begin, and where they go on after a crash. */
import { expect, it } from 'vitest';
import { CRASH_GAP, firstNumberAt, MAX_APART, numberAfterCrash } from '../../../src/store/numbers.ts';

const DAY_SECONDS = 86_400;
const YEAR_2100_SECONDS = 4_102_444_800;

it('a name that is forgotten and comes again begins above all numbers it had', () => {
  const first = firstNumberAt(1_790_000_000);
  const messagesADay = 100_000 * DAY_SECONDS;
  expect(firstNumberAt(1_790_000_000 + DAY_SECONDS)).toBeGreaterThan(first + messagesADay);
  expect(Number.isSafeInteger(firstNumberAt(YEAR_2100_SECONDS) + MAX_APART)).toBe(true);
});

it('a crash leaves out the numbers that the store may not know of', () => {
  expect(numberAfterCrash({ next: 100, from: 90 })).toBe(100 + CRASH_GAP);
});

it('many crashes while mail waits do not part it from newer mail by more than half of their lower numbers tell', () => {
  let next = 100;
  for (let crashes = 0; crashes < 1_000; crashes++) next = numberAfterCrash({ next, from: 90 });
  expect(next).toBe(90 + MAX_APART);
  expect(numberAfterCrash({ next: next + 7, from: 90 })).toBe(next + 7);
});
