/** Waits until a broker accepts connections, because it may still be starting. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { TimeLimits } from '../../shared/common/deadline.ts';
import { SwarmError } from './task.ts';

const LIMIT_MS = 30_000;
const ATTEMPT_LIMIT_MS = 5_000;
const RETRY_MS = 250;

/**
 * Resolves when a connection to the broker was made.
 * @param onWaiting is called once, with the reason of the first failure
 * @throws SwarmError if there was no connection in time, or if `stop` was aborted first
 */
export async function reachBroker(
  host: string,
  port: number,
  stop: AbortSignal,
  onWaiting: (reason: string) => void,
): Promise<void> {
  const startedAt = performance.now();
  let said = false;
  for (;;) {
    const failure = await tryOnce(host, port, stop);
    if (failure === undefined) return;
    if (stop.aborted) throw new SwarmError(`stopped before ${host}:${port} could be reached`);
    if (performance.now() - startedAt > LIMIT_MS) {
      throw new SwarmError(`cannot reach a broker at ${host}:${port} for ${LIMIT_MS / 1000} s: ${failure}`);
    }
    if (!said) onWaiting(failure);
    said = true;
    await sleep(RETRY_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}

/** @returns why the attempt failed; undefined if it did not */
function tryOnce(host: string, port: number, stop: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    const limits = new TimeLimits(stop);
    const socket = connect({ host, port, signal: limits.after(ATTEMPT_LIMIT_MS) });
    let failure: string | undefined;
    socket.once('connect', () => socket.destroy());
    socket.once('error', (error: NodeJS.ErrnoException) => {
      // If a name has several addresses, the error of all of them has only a code.
      failure = error.name === 'AbortError' ? 'no answer' : error.message || (error.code ?? 'no connection');
    });
    socket.once('close', () => {
      limits[Symbol.dispose]();
      resolve(failure);
    });
  });
}
