/** Runs something that may crash until it ends well. The wait between two of its lives grows with each crash. */

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 5_000;
/** What has lived this long has recovered: its next restart is quick again. */
const RECOVERED_AFTER_MS = 30_000;

/** What is supervised, and the clock it is supervised by. */
export interface Supervised<Known, Result> {
  /** One life. It resolves when it has ended well, and rejects when it has crashed. */
  live(known: Known): Promise<Result>;
  /** Whether a crash may be followed by another life; if not, the crash is the end. */
  mayRestart(): boolean;
  /** Says that it has crashed, and that it will be started again after `delayMs`. */
  crashed(error: unknown, delayMs: number): void;
  /** Waits. Rejects if nothing is to be started any more. */
  wait(delayMs: number): Promise<void>;
  /** What the next life has to know. */
  known(): Known;
  /** Milliseconds, of a clock that only rises. */
  now(): number;
}

/**
 * Supervises until a life has ended well.
 * @param first what the first life has to know
 * @returns what the last life has come to
 * @throws why a life has crashed, if no other may follow, or what the wait was ended by
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
