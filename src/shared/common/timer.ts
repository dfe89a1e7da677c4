/** A timer as it is given to code that a simulation is to run: it brings its own clock. */

/** Calls `step` once after so many milliseconds. @returns what cancels that */
export type StartTimer = (ms: number, step: () => void) => () => void;

/** The timer of the system. */
export const startTimer: StartTimer = (ms, step) => {
  const timer = setTimeout(step, ms);
  return () => clearTimeout(timer);
};
