import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import {
  type Channel,
  nothing,
  ShutdownScope,
  type ShutdownSignal,
} from '../../../src/session/writer/shutdown-scope.ts';

const noValue = vi.fn();

/** Enters a scope, and counts how often its signal ends. */
function scopeWith(body: (end: () => number) => void): number {
  let ends = 0;
  const enter = () => {
    using scope = new ShutdownScope();
    scope.signal.receive(noValue, () => ends++);
    body(() => ends);
  };
  try {
    enter();
  } catch {
    // How the scope was left is the test's matter.
  }
  return ends;
}

describe('the end of a shutdown scope', () => {
  it('is told once when the scope is left normally, and not before', () => {
    const before: number[] = [];
    expect(scopeWith((ends) => before.push(ends()))).toBe(1);
    expect(before).toEqual([0]);
  });

  it('is told once on an early return', () => {
    const leave = (early: boolean, told: () => void) => {
      using scope = new ShutdownScope();
      scope.signal.receive(noValue, told);
      if (early) return 'early';
      return 'late';
    };
    const told = vi.fn();
    expect(leave(true, told)).toBe('early');
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is told once on a throw, which goes on', () => {
    const told = vi.fn();
    const leave = () => {
      using scope = new ShutdownScope();
      scope.signal.receive(noValue, told);
      throw new Error('out');
    };
    expect(leave).toThrow('out');
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is told once on a rejection, in an async scope', async () => {
    const told = vi.fn();
    const leave = async () => {
      using scope = new ShutdownScope();
      scope.signal.receive(noValue, told);
      await Promise.reject(new Error('out'));
    };
    await expect(leave()).rejects.toThrow('out');
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is told once though the scope is disposed twice', () => {
    expect(scopeWith(() => undefined)).toBe(1);
    const told = vi.fn();
    const scope = new ShutdownScope();
    scope.signal.receive(noValue, told);
    scope[Symbol.dispose]();
    scope[Symbol.dispose]();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is told once though the receiver disposes the scope again', () => {
    const scope = new ShutdownScope();
    const told = vi.fn(() => scope[Symbol.dispose]());
    scope.signal.receive(noValue, told);
    scope[Symbol.dispose]();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is told at once to who receives after it, and once', () => {
    const scope = new ShutdownScope();
    scope[Symbol.dispose]();
    const told = vi.fn();
    scope.signal.receive(noValue, told);
    expect(told).toHaveBeenCalledTimes(1);
    scope[Symbol.dispose]();
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('is no harm where nobody receives', () => {
    expect(() => new ShutdownScope()[Symbol.dispose]()).not.toThrow();
  });
});

describe('the shutdown channel', () => {
  it('never carries a value', () => {
    expect(noValue).not.toHaveBeenCalled();
    scopeWith(() => undefined);
    expect(noValue).not.toHaveBeenCalled();
  });

  it('has a type of values that has no value', () => {
    expectTypeOf<ShutdownSignal>().toEqualTypeOf<Channel<never>>();
    expectTypeOf<Parameters<Parameters<ShutdownSignal['receive']>[0]>>().toEqualTypeOf<[value: never]>();
    expectTypeOf<typeof nothing>().toEqualTypeOf<(value: never) => never>();
  });

  it('has no way to send', () => {
    expectTypeOf<keyof ShutdownSignal>().toEqualTypeOf<'receive'>();
    expect(Object.getOwnPropertyNames(ShutdownScope.prototype)).toEqual(['constructor', 'signal', 'receive']);
  });

  it('refuses a value that came all the same', () => {
    // @ts-expect-error nothing can be sent on the shutdown channel: no value has its type
    expect(() => nothing('a word')).toThrow(TypeError);
  });
});
