import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { Patience } from './pace/pace.ts';

const LIMIT_MS = 30_000;
/** For so long a condition is looked at every turn of the event loop: most hold soon, and some not for long. */
const EAGER_MS = 20;
/**
 * Later it is looked at less often, the longer it has been waited for: who waits must not take the time of who works.
 */
const PAUSE_PART = 0.05;
const LONGEST_PAUSE_MS = 10;

/** What is waited for. A function is asked when it was waited for in vain. */
export type What = string | (() => string);

/** Waits until `condition` holds; fails with `what` was waited for when the limit has passed. */
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

/** What `work` resolves to; fails with `what` was waited for when the limit has passed. */
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
