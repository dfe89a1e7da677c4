/** Runs something that may crash, until it ends well. The delay before a restart doubles with each crash. */

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** After a life of this length the delay begins anew. */
const RECOVERED_AFTER_MS = 30_000;

/** What is supervised, and the clock of the supervisor. */
export interface Supervised<Known, Result> {
  /** Runs one life. Resolves when it has ended well, and rejects when it has crashed. */
  live(known: Known): Promise<Result>;
  /** Whether another life may follow a crash. If not, `supervise` rejects. */
  mayRestart(): boolean;
  /** Called after a crash; a restart follows after `delayMs` milliseconds. */
  crashed(error: unknown, delayMs: number): void;
  /** Waits for `delayMs` milliseconds. Rejects if nothing is to be restarted any more. */
  wait(delayMs: number): Promise<void>;
  /** What the next life is told. */
  known(): Known;
  /** A monotonic clock, in milliseconds. */
  now(): number;
}

/**
 * Runs life after life, until one has ended well.
 * @param first what the first life is told
 * @returns the result of the last life
 * @throws the error of a crash that no restart may follow, or the rejection of `wait`
 */
export async function supervise<Known, Result>(first: Known, supervised: Supervised<Known, Result>): Promise<Result> {
  let known = first;
  let delayMs = 0;
  for (;;) {
    const startedAt = supervised.now();
    try {
      return await supervised.live(known);
    } catch (error) {
      if (!supervised.mayRestart()) throw error;
      delayMs = nextDelayMs(delayMs, supervised.now() - startedAt);
      supervised.crashed(error, delayMs);
      await supervised.wait(delayMs);
      known = supervised.known();
    }
  }
}

function nextDelayMs(delayMs: number, livedMs: number): number {
  if (livedMs > RECOVERED_AFTER_MS) return FIRST_DELAY_MS;
  return Math.min(LONGEST_DELAY_MS, Math.max(FIRST_DELAY_MS, delayMs * 2));
}
