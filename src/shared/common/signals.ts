/**
 * Catches the signals that ask a program to end, or to read its settings again. The first file of a program imports
 * this file alone, and loads the rest after that. Loading takes a while, and a signal in that time would be lost on
 * process 1, for which signals have no default action.
 */
import { readFileSync } from 'node:fs';

const STOPS = ['SIGINT', 'SIGTERM'] as const;
const HANG_UP = 'SIGHUP';
/** One Ctrl-C can arrive twice, from the terminal and from npm. Only a later signal counts as the second. */
const SAME_SIGNAL_MS = 500;
/** The exit code after a second signal, unless the program sets `cutShort`. */
const CUT_SHORT_EXIT_CODE = 1;
const FIRST_PROCESS = 1;
const SIGINT_BIT = 1n << 1n;
const SIGTERM_BIT = 1n << 14n;

/**
 * The wish that the program ends, given by a signal. Once this is disposed, signals have their default action again,
 * as soon as a later one must be another wish.
 */
export class StopWish implements Disposable {
  readonly #controller = new AbortController();
  #firstAt: number | undefined;
  /** What the second signal does. */
  cutShort: (signal: NodeJS.Signals) => void = () => process.exit(CUT_SHORT_EXIT_CODE);
  /** Resolves with the first signal. */
  readonly first: Promise<NodeJS.Signals>;
  #resolveFirst: ((signal: NodeJS.Signals) => void) | undefined;
  readonly #signals: readonly NodeJS.Signals[];
  #hungUp = false;
  #whenHungUp: (() => void) | undefined;

  /** @param hangUp what SIGHUP asks for; a wish to reload is heard until the process ends */
  constructor(hangUp: 'stop' | 'reload' = 'stop') {
    this.#signals = hangUp === 'stop' ? [...STOPS, HANG_UP] : STOPS;
    if (hangUp === 'reload') process.on(HANG_UP, this.#hearHangUp);
    this.first = new Promise((resolve) => {
      this.#resolveFirst = resolve;
    });
    const lost = process.pid === FIRST_PROCESS ? signalLostAtStart(caughtSignals()) : undefined;
    for (const signal of this.#signals) process.on(signal, this.#hear);
    if (lost !== undefined) this.#hear(lost);
  }

  /** Aborted by the first signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What a wish to reload does. One that has come already counts. */
  onHangUp(step: () => void): void {
    this.#whenHungUp = step;
    if (this.#hungUp) step();
  }

  readonly #hearHangUp = (): void => {
    this.#hungUp = true;
    this.#whenHungUp?.();
  };

  readonly #hear = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#resolveFirst?.(signal);
      this.#controller.abort();
    } else if (now - this.#firstAt >= SAME_SIGNAL_MS) this.cutShort(signal);
  };

  /** Waits for the second half of a Ctrl-C: npm passes it on when the program may have ended already. */
  [Symbol.dispose](): void {
    const exit = () => process.exit();
    const letGo = () => {
      for (const signal of this.#signals) process.off(signal, this.#hear);
      process.off('beforeExit', exit);
    };
    const sameMs = this.#firstAt === undefined ? 0 : this.#firstAt + SAME_SIGNAL_MS - performance.now();
    if (sameMs <= 0) letGo();
    else {
      this.cutShort = exit;
      // Node takes its handlers away some milliseconds before a process has ended, unless it is told to exit.
      process.once('beforeExit', exit);
      setTimeout(letGo, sameMs).unref();
    }
  }
}

/** The signals that this process has handlers for, as a bit mask; 0 on a system that does not tell. */
function caughtSignals(): bigint {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return BigInt(`0x${mask ?? '0'}`);
  } catch {
    return 0n;
  }
}

/**
 * Finds the signal that process 1 got before the first line of the program. Node starts with one handler each for
 * SIGINT and SIGTERM. A handler restores the terminal, removes itself, and sends the same signal again, which ends any
 * process but process 1. So if only one of the two handlers is left, the signal of the other has arrived.
 * @param caught the signals that had handlers when the program began, as a bit mask
 * @returns undefined if no signal was lost
 */
export function signalLostAtStart(caught: bigint): 'SIGINT' | 'SIGTERM' | undefined {
  const interrupt = (caught & SIGINT_BIT) !== 0n;
  const terminate = (caught & SIGTERM_BIT) !== 0n;
  if (interrupt === terminate) return undefined;
  return interrupt ? 'SIGTERM' : 'SIGINT';
}
