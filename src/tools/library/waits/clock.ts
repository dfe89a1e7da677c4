/** The clock, the timers and the chance of the client, so that a test can hand in its own. */

/** A time or a count without a limit. */
export const UNLIMITED = Number.POSITIVE_INFINITY;

/** What the core asks of the world, but for connections. */
export interface Clock {
  /** Milliseconds. They never go back. */
  now(): number;
  /** Calls `then` once after `ms`. `Infinity` is never. @returns a function that cancels it */
  startTimer(ms: number, then: () => void): () => void;
  /** From 0 to less than 1. */
  random(): number;
  /** Calls `then` when the current work is over. */
  soon(then: () => void): void;
}

/** A timer cannot be longer. It is 24 days, and counts as never. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The clock of the system. */
export const systemClock: Clock = {
  now: () => performance.now(),
  startTimer: (ms, then) => {
    if (ms > LONGEST_TIMER_MS) return () => undefined;
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
  random: Math.random,
  // A browser refuses a call of it on another object.
  soon: (then) => queueMicrotask(then),
};
