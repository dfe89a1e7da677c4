import { describe, expect, it } from 'vitest';
import { continueBehind, takeNumber } from '../../../../workers/names/frame-numbers.ts';
import { Name } from '../../../../workers/names/name.ts';

describe('the numbers of a name’s frames', () => {
  it('rise by one', () => {
    const name = new Name(Buffer.from('bob'), 0, 1);
    const first = takeNumber(name);
    expect([takeNumber(name), takeNumber(name), name.nextNumber]).toEqual([first + 1, first + 2, first + 3]);
  });

  it('go on behind those that are there already, and never back', () => {
    const name = new Name(Buffer.from('bob'), 0, 1);
    const first = name.nextNumber;
    continueBehind(name, first + 9);
    expect(name.nextNumber).toBe(first + 10);
    continueBehind(name, first + 3);
    expect(name.nextNumber).toBe(first + 10);
  });
});
