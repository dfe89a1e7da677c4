import { describe, expect, it } from 'vitest';
import { BriefWait } from '../../../../src/shared/memory/brief-wait.ts';

/** A wait of at most 10 ms on a clock that goes on by 1 ms at every look at it. */
function scene() {
  let ms = 0;
  let found = false;
  let looks = 0;
  const wait = new BriefWait(10, () => ms++);
  const until = () =>
    wait.until(() => {
      looks++;
      return found;
    });
  return {
    /** @returns whether it waited */
    waitsInVain: () => {
      found = false;
      looks = 0;
      expect(until()).toBe(false);
      return looks > 1;
    },
    finds: () => {
      let left = 3;
      return wait.until(() => left-- === 0);
    },
    get ms() {
      return ms;
    },
    set found(value: boolean) {
      found = value;
    },
    until,
  };
}

describe('a brief wait', () => {
  it('ends when it finds something', () => {
    expect(scene().finds()).toBe(true);
  });

  it('reads no clock for what is there already', () => {
    const all = scene();
    all.found = true;
    expect([all.until(), all.ms]).toEqual([true, 0]);
  });

  it('ends after its time', () => {
    const all = scene();
    expect(all.waitsInVain()).toBe(true);
    expect(all.ms).toBeLessThan(14);
  });

  it('passes over more and more chances while it waits in vain, up to 63', () => {
    const all = scene();
    all.waitsInVain();
    const passedOver: number[] = [];
    for (let round = 0; round < 8; round++) {
      let count = 0;
      while (!all.waitsInVain()) count++;
      passedOver.push(count);
    }
    expect(passedOver).toEqual([1, 3, 7, 15, 31, 63, 63, 63]);
  });

  it('waits again at every chance after it has found something', () => {
    const all = scene();
    for (let i = 0; i < 3; i++) all.waitsInVain();
    const found = [all.finds(), all.finds(), all.finds(), all.finds()];
    expect(found).toEqual([false, false, false, true]);
    expect([all.waitsInVain(), all.waitsInVain(), all.waitsInVain()]).toEqual([true, false, true]);
  });
});
