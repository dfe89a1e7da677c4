import { describe, expect, it } from 'vitest';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { PostRing } from '../../../../src/shared/memory/post-ring.ts';

const CAPACITY = 64;

/** Both ends of a ring. @param count where the counts of numbers begin */
function scene(count = 0) {
  const memory = new Memory(new SharedArrayBuffer(2 * PostRing.BYTES));
  const filler = new PostRing(memory, PostRing.BYTES);
  filler.reset(count);
  return { filler, taker: new PostRing(memory, filler.at) };
}

function takeAll(taker: PostRing): number[] {
  const taken: number[] = [];
  while (taker.waiting) taken.push(taker.take());
  return taken;
}

describe('a ring', () => {
  it.each([0, 2 ** 31 - 3, 2 ** 32 - 3])('gives every number back once and in order, counted from %d', (count) => {
    const { filler, taker } = scene(count);
    const numbers = [0, 1, 2 ** 24 - 1, 2 ** 24, 31 * 2 ** 24 + 7, 2 ** 48 - 1];
    for (const number of numbers) expect(filler.tryPut(number, 0)).toBe(true);
    expect((filler.put - (count | 0)) | 0).toBe(numbers.length);
    expect(takeAll(taker)).toEqual(numbers);
    expect(taker.taken).toBe(filler.put);
    expect(taker.waiting).toBe(false);
  });

  it.each([0, 2 ** 31 - 10])('takes no more than it has room for, counted from %d', (count) => {
    const { filler, taker } = scene(count);
    const put = (number: number) => filler.tryPut(number, 0);
    const first = Array.from({ length: CAPACITY }, (_, number) => number);
    expect(first.map(put)).toEqual(first.map(() => true));
    expect(put(CAPACITY)).toBe(false);
    expect(taker.take()).toBe(0);
    expect([put(CAPACITY), put(CAPACITY + 1)]).toEqual([true, false]);
    expect(takeAll(taker)).toEqual([...first.slice(1), CAPACITY]);
  });

  it('shows the stamp of the number that waits', () => {
    const { filler, taker } = scene();
    filler.tryPut(1, 7);
    filler.tryPut(2, -8);
    const first = [taker.stamp, taker.take()];
    expect([first, taker.stamp, taker.take()]).toEqual([[7, 1], -8, 2]);
  });

  it('asks to wake the taker once for each sleep', () => {
    const { filler, taker } = scene();
    const woken = [filler.mustWake(), filler.mustWake()];
    expect(taker.sleep()).toBe(true);
    expect([...woken, filler.mustWake(), filler.mustWake()]).toEqual([true, false, true, false]);
  });

  it('does not ask to wake a taker that stays awake', () => {
    const { filler, taker } = scene();
    taker.stayAwake();
    expect(filler.mustWake()).toBe(false);
  });

  it('lets no taker sleep while a number waits', () => {
    const { filler, taker } = scene();
    filler.tryPut(1, 0);
    expect(taker.sleep()).toBe(false);
    expect(filler.mustWake()).toBe(false);
    taker.take();
    expect(taker.sleep()).toBe(true);
  });

  it('is empty after a reset, and its taker sleeps', () => {
    const { filler, taker } = scene();
    filler.tryPut(1, 0);
    taker.stayAwake();
    filler.reset();
    expect([taker.waiting, filler.put, taker.taken, filler.mustWake()]).toEqual([false, 0, 0, true]);
  });
});
