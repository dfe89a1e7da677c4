/** A Ctrl-C arrives twice, from the terminal and from npm: the second time maybe when the program is done. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { StopWish } from '../../../src/shared/common/signals.ts';

/** As long as npm may take. */
const SAME_SIGNAL_MS = 500;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a program that is done', () => {
  it('hears a signal no more, if there was none', () => {
    const before = process.listenerCount('SIGHUP');
    const stop = new StopWish();
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    stop[Symbol.dispose]();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  it('is not ended by the second half of the signal that it ended for', () => {
    const before = process.listenerCount('SIGHUP');
    const stop = new StopWish();
    process.emit('SIGHUP');
    vi.advanceTimersByTime(SAME_SIGNAL_MS / 2);
    stop[Symbol.dispose]();
    process.emit('SIGHUP');
    vi.advanceTimersByTime(SAME_SIGNAL_MS / 2 - 1);
    expect(process.listenerCount('SIGHUP')).toBe(before + 1);
    vi.advanceTimersByTime(1);
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });

  it('hears none when that can be no more', () => {
    const before = process.listenerCount('SIGHUP');
    const stop = new StopWish();
    process.emit('SIGHUP');
    vi.advanceTimersByTime(SAME_SIGNAL_MS);
    stop[Symbol.dispose]();
    expect(process.listenerCount('SIGHUP')).toBe(before);
  });
});
