import { describe, expect, it } from 'vitest';
import { ForgettableNames } from '../../../../workers/names/forgettable-names.ts';
import { Name, type Owned } from '../../../../workers/names/name.ts';

/** A name that left at this time. */
function left(awaySince: number): Name {
  const name = new Name(Buffer.from(`left at ${awaySince}`), 0, 1);
  const owned: Owned<'awaySince'> = name;
  owned.awaySince = awaySince;
  return name;
}

/** Takes all names out, each time the one that has been away longest. @returns when they left */
function drained(idle: ForgettableNames): number[] {
  const times: number[] = [];
  for (;;) {
    const name = idle.oldestBut(undefined);
    if (name === undefined) return times;
    times.push(name.awaySince);
    idle.remove(name);
  }
}

describe('idle names', () => {
  it('come out in the order in which they left', () => {
    const idle = new ForgettableNames();
    for (const time of [1, 2, 2, 5]) idle.add(left(time));
    expect(drained(idle)).toEqual([1, 2, 2, 5]);
  });

  it('come out first when they are added late and left before all others', () => {
    const idle = new ForgettableNames();
    for (const time of [5, 7, 3]) idle.add(left(time));
    expect(drained(idle)).toEqual([3, 5, 7]);
  });

  it.each([0, 1, 2])('are whole when one is taken out, be it at an end or in the middle', (index) => {
    const idle = new ForgettableNames();
    const names = [1, 2, 3].map(left);
    for (const name of names) idle.add(name);
    for (const name of names.slice(index, index + 1)) {
      idle.remove(name);
      idle.remove(name);
      expect(idle.has(name)).toBe(false);
    }
    expect(drained(idle)).toEqual([1, 2, 3].filter((time) => time !== index + 1));
  });

  it('can pass over one name, wherever it stands', () => {
    const idle = new ForgettableNames();
    const [first, second] = [left(1), left(2)] as const;
    idle.add(first);
    expect(idle.oldestBut(first)).toBe(undefined);
    idle.add(second);
    expect([idle.oldestBut(first), idle.oldestBut(second)]).toEqual([second, first]);
  });
});
