import { describe, expect, it } from 'vitest';
import { forgetHeld } from '../../../src/shared/wire/port/shard-task.ts';
import { SharedBudget } from '../../../workers/mailbox/limits/budget.ts';

function budgets(maxBytes: number) {
  const held = new SharedArrayBuffer(3 * BigInt64Array.BYTES_PER_ELEMENT);
  const counts = () => [...new BigInt64Array(held)].map(Number);
  return { held, counts, first: new SharedBudget(held, 0, maxBytes), second: new SharedBudget(held, 1, maxBytes) };
}

describe('a budget that shards share', () => {
  it('is taken to its last byte, and not past it, by all together', () => {
    const { first, second, counts } = budgets(10);
    expect([first.take(6), second.take(4), first.take(1), second.take(0)]).toEqual([true, true, false, true]);
    expect(counts()).toEqual([10, 6, 4]);
  });

  it('keeps nothing of what it refuses, so that less may still fit', () => {
    const { first, second, counts } = budgets(10);
    expect([first.take(11), second.take(10)]).toEqual([false, true]);
    expect(counts()).toEqual([10, 0, 10]);
  });

  it('has room again for what is given', () => {
    const { first, second } = budgets(10);
    first.take(10);
    first.give(3);
    expect([second.take(4), second.take(3)]).toEqual([false, true]);
  });

  it('is passed by what is forced, and refuses until that is gone', () => {
    const { first, second, counts } = budgets(10);
    first.force(15);
    expect([second.take(1), counts()]).toEqual([false, [15, 15, 0]]);
    first.give(6);
    expect(second.take(1)).toBe(true);
  });

  it('that was lifted has no end, and still counts', () => {
    const { first, counts } = budgets(Number.POSITIVE_INFINITY);
    expect(first.take(2 ** 50)).toBe(true);
    expect(counts()).toEqual([2 ** 50, 2 ** 50, 0]);
  });

  it('loses exactly the part of a shard that is gone', () => {
    const { first, second, held, counts } = budgets(10);
    first.take(6);
    second.take(4);
    forgetHeld(held, 0);
    expect(counts()).toEqual([4, 0, 4]);
    forgetHeld(held, 0);
    expect(counts()).toEqual([4, 0, 4]);
  });
});
