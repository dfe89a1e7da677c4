/** The type of a timer, so that a simulation can pass in its own clock. */

/** Calls `step` once, after `ms` milliseconds. @returns a function that cancels it */
export type StartTimer = (ms: number, step: () => void) => () => void;

/** The timer of the system. */
export const startTimer: StartTimer = (ms, step) => {
  const timer = setTimeout(step, ms);
  return () => clearTimeout(timer);
};
