import { setImmediate } from 'node:timers/promises';

const LIMIT_MS = 20_000;

/** Waits, turn of the event loop by turn, until `condition` holds; fails with `what` was waited for after 20 s. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`);
    await setImmediate();
  }
}
