import { describe, expect, it } from 'vitest';
import { add, since, widen } from '../../../src/shared/common/serial-arithmetic.ts';

const LAST = 2 ** 31 - 1;
const FIRST = -(2 ** 31);

describe('sums modulo 2^32', () => {
  it('go on from the last to the first', () => {
    expect([add(3, 4), add(LAST, 1), add(LAST, 5), add(-1, 1)]).toEqual([7, FIRST, FIRST + 4, 0]);
  });

  it.each([
    ['behind', add(LAST, 5), LAST, 5],
    ['before', LAST, add(LAST, 5), -5],
    ['where it is', FIRST, FIRST, 0],
    ['as far behind as can be told', add(7, LAST), 7, LAST],
  ])('are compared across that edge: one %s', (_where, later, earlier, distance) => {
    expect(since(later, earlier)).toBe(distance);
  });

  it('may be written without a sign', () => {
    expect([since(2 ** 32 - 2, -2), since(-2, 2 ** 32 - 2), since(2 ** 33, 0)]).toEqual([0, 0, 0]);
  });
});

describe('a number of which 32 bits are known', () => {
  const far = 5 * 2 ** 32 + 10;

  it.each([
    ['itself', far, far],
    ['a little later', far + 100, far + 100],
    ['a little earlier', far - 100, far - 100],
    ['later, past a multiple of 2^32', far + 2 ** 31 - 20, far + 2 ** 31 - 20],
  ])('is the nearest one: %s', (_which, number, found) => {
    expect(widen(number | 0, far)).toBe(found);
  });

  it('is never below 1', () => {
    expect([widen(-1, 1), widen(0, 1), widen(1, 1)]).toEqual([2 ** 32 - 1, 2 ** 32, 1]);
  });
});
