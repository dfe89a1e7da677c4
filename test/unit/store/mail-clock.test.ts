/** The time by which mail ages: it only rises, and a wall clock that jumps between two runs is not followed. */
import { describe, expect, it, vi } from 'vitest';
import { RisingClock, storableSeconds, timeAtStart, wallSeconds } from '../../../src/store/clock.ts';
import { indexValue, messageKey, messageValue, readIndexValue, readMessage } from '../../../src/store/format.ts';
import { readState, stateValue } from '../../../src/store/state.ts';

const DAY = 86_400;
const WEEK = 7 * DAY;
const NOW = Date.UTC(2026, 7, 1) / 1000;
const LAST = 2 ** 32 - 1;

describe('the time at a start', () => {
  const kept = { aged: NOW, wall: NOW };

  it.each([
    ['is that of the wall clock where nothing was kept', undefined, NOW + 99 * DAY, NOW + 99 * DAY, false],
    ['is that of the wall clock a while later', kept, NOW + WEEK, NOW + WEEK, false],
    ['does not go back with a small step of the wall clock', kept, NOW - 60, NOW, false],
    ['does not go back with a step of all that mail is held', kept, NOW - WEEK, NOW, false],
    ['goes on from where it was, if the wall clock is further ahead than that', kept, NOW + WEEK + 1, NOW, true],
    ['goes on from where it was, if the wall clock is further back than that', kept, NOW - WEEK - 1, NOW, true],
    ['goes on from where it was in 1970', kept, 1, NOW, true],
    ['goes on from where it was in 2106', kept, LAST, NOW, true],
  ])('%s', (_, before, wall, seconds, distrusted) => {
    expect(timeAtStart(before, wall, WEEK)).toEqual({ seconds, distrusted });
  });

  it('goes on beside a wall clock that stays where it has jumped to, without a further word', () => {
    const apart = { aged: NOW, wall: NOW + 30 * DAY };
    expect(timeAtStart(apart, apart.wall + DAY, WEEK)).toEqual({ seconds: NOW + DAY, distrusted: false });
    expect(timeAtStart(apart, apart.wall - 5, WEEK)).toEqual({ seconds: NOW, distrusted: false });
  });

  it('is that of the wall clock again, when that has come back', () => {
    const apart = { aged: NOW, wall: NOW + 30 * DAY };
    expect(timeAtStart(apart, NOW + DAY, WEEK)).toEqual({ seconds: NOW + DAY, distrusted: false });
  });
});

describe('a clock that rises', () => {
  it('does so whatever the wall clock says, and is the same in whoever knows its base', () => {
    const clock = RisingClock.at(NOW);
    vi.useFakeTimers({ toFake: ['Date'], now: (NOW + 30 * DAY) * 1000 });
    try {
      expect(Math.abs(clock.now() - NOW)).toBeLessThanOrEqual(5);
      expect(Math.abs(new RisingClock(clock.base).now() - clock.now())).toBeLessThanOrEqual(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([
    [-5 * 365 * DAY, 1],
    [0, 1],
    [LAST + DAY, LAST],
  ])('is one that can be stored at %d', (seconds, stored) => {
    expect(RisingClock.at(seconds).now()).toBe(stored);
  });
});

describe('seconds that no 32 bits can have', () => {
  it.each([
    ['before 1970', '1960-01-01T00:00:00Z', 1],
    ['of 1970', '1970-01-01T00:00:00Z', 1],
    ['past 2106', '2110-01-01T00:00:00Z', LAST],
  ])('are brought to the nearest %s', (_, date, seconds) => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date(date) });
    try {
      expect(wallSeconds()).toBe(seconds);
    } finally {
      vi.useRealTimers();
    }
  });

  it.each([-1, -(10 ** 12), 2 ** 32, 10 ** 15])('are stored all the same: %d', (seconds) => {
    const nearest = seconds < 0 ? 1 : LAST;
    const value = messageValue(Buffer.from('line\n'), seconds, 0);
    expect(readMessage(messageKey(Buffer.from('bob'), 7), value)?.heldAt).toBe(nearest);
    const record = { present: false, next: 9, from: 7, to: 8, count: 1, bytes: 5 };
    const index = readIndexValue(indexValue({ ...record, awaySince: seconds, oldest: seconds, firstExpiry: seconds }));
    expect([index?.awaySince, index?.oldest, index?.firstExpiry]).toEqual([nearest, nearest, nearest]);
  });

  it('leaves 0 alone, which stands for never', () => {
    expect(storableSeconds(0)).toBe(0);
  });
});

describe('what a broker leaves for the next', () => {
  it.each([true, false])('is read as it was written (ended: %s)', (ended) => {
    expect(readState(stateValue({ aged: NOW, wall: LAST, ended }))).toEqual({ aged: NOW, wall: LAST, ended });
  });

  it.each(['', '1 2', '1 2 gone', '-1 2 ended', '1 2 ended ', 'x y ended', '12345678901 2 ended'])(
    'is not read from %j',
    (text) => {
      expect(readState(Buffer.from(text))).toBeUndefined();
    },
  );
});
