/**
 * The broker's log: lines for people on a terminal, JSON otherwise. Never a message's body.
 */
import { type Logger, pino } from 'pino';
import { build as pretty } from 'pino-pretty';

export type Log = Logger;

/** How often a warning of one kind may be said. */
const WARNING_INTERVAL_MS = 5_000;
/** Kinds of warning that are counted apart; past that they are counted together. */
const MAX_WARNING_KINDS = 64;

/** @param level a level of pino's, or 'silent' */
export function createLog(level: string): Log {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  // Written synchronously: a log line that says why the process ends must not be lost with it.
  return process.stdout.isTTY
    ? pino(options, pretty({ colorize: true, sync: true, translateTime: 'SYS:HH:MM:ss.l' }))
    : pino(options, pino.destination({ dest: 1, sync: true }));
}

/** Says each kind of warning at once, then at most every five seconds, with how many were not said. */
export class RateLimitedWarnings {
  readonly #log: Log;
  readonly #intervalMs: number;
  readonly #now: () => number;
  readonly #kinds = new Map<string, { nextAt: number; unsaid: number }>();

  /** @param now a monotonic clock in milliseconds */
  constructor(log: Log, intervalMs = WARNING_INTERVAL_MS, now: () => number = () => performance.now()) {
    this.#log = log;
    this.#intervalMs = intervalMs;
    this.#now = now;
  }

  warn(kind: string, fields: object, message: string): void {
    const key = this.#kinds.has(kind) || this.#kinds.size < MAX_WARNING_KINDS ? kind : 'other';
    const state = this.#kinds.get(key) ?? { nextAt: Number.NEGATIVE_INFINITY, unsaid: 0 };
    this.#kinds.set(key, state);
    const now = this.#now();
    if (now < state.nextAt) {
      state.unsaid++;
      return;
    }
    this.#log.warn(state.unsaid > 0 ? { ...fields, alsoUnsaid: state.unsaid } : fields, message);
    state.nextAt = now + this.#intervalMs;
    state.unsaid = 0;
  }
}
