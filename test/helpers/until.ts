import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Patience } from './pace/pace.ts';

const LIMIT_MS = 30_000;
/** In this first time a condition is checked in every turn of the event loop, because most hold soon. */
const EAGER_MS = 20;
/**
 * After that it is checked less often, with pauses in proportion to the wait, so that the checks leave time for the
 * work.
 */
const PAUSE_PART = 0.05;
const LONGEST_PAUSE_MS = 10;

/** A description of the awaited condition, for the error. A function is called only when the wait fails. */
export type What = string | (() => string);

/** Waits until `condition` holds. Fails with `what` in the error when the limit has passed. */
export async function until(condition: () => boolean, what: What, limitMs = LIMIT_MS): Promise<void> {
  const patience = new Patience(limitMs);
  const since = performance.now();
  while (!condition()) {
    if (patience.over) throw inVain(what);
    const waitedMs = performance.now() - since;
    if (waitedMs < EAGER_MS) await setImmediate();
    else await sleep(Math.min(LONGEST_PAUSE_MS, waitedMs * PAUSE_PART));
  }
}

/** Waits for `work`. Fails with `what` in the error when the limit has passed. */
export async function inTime<T>(work: Promise<T>, what: What, limitMs = LIMIT_MS): Promise<T> {
  const patience = new Patience(limitMs);
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<never>((_, reject) => {
    const look = () => {
      if (patience.over) reject(inVain(what));
      else wait();
    };
    const wait = () => {
      timer = setTimeout(look, Math.max(1, patience.leftMs));
    };
    wait();
  });
  try {
    return await Promise.race([work, passed]);
  } finally {
    clearTimeout(timer);
  }
}

function inVain(what: What): Error {
  return new Error(`waited in vain for ${typeof what === 'string' ? what : what()}`);
}
