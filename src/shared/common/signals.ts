/**
 * The signals that ask a program to end, caught from its first line on. A program's first file imports this one
 * alone, and the rest of itself only then: loading that takes a while, and as process 1, which has no default action
 * for a signal, it would not hear one that comes meanwhile.
 */
import { readFileSync } from 'node:fs';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
/** One Ctrl-C can arrive twice, from the terminal and from npm; only a later one is a second wish. */
const SAME_SIGNAL_MS = 500;
/** What a second wish ends a program with that has not said otherwise. */
const CUT_SHORT_EXIT_CODE = 1;
const FIRST_PROCESS = 1;
const SIGINT_BIT = 1n << 1n;
const SIGTERM_BIT = 1n << 14n;

/** The wish of whoever runs the program that it ends. Disposed, it leaves signals to their default action. */
export class StopWish implements Disposable {
  readonly #controller = new AbortController();
  #firstAt: number | undefined;
  /** What the second wish does; the first has been heard by then. */
  cutShort: (signal: NodeJS.Signals) => void = () => process.exit(CUT_SHORT_EXIT_CODE);
  /** Resolves with the signal that was the first wish. */
  readonly first: Promise<NodeJS.Signals>;
  #resolveFirst: ((signal: NodeJS.Signals) => void) | undefined;

  constructor() {
    this.first = new Promise((resolve) => {
      this.#resolveFirst = resolve;
    });
    const lost = process.pid === FIRST_PROCESS ? signalLostAtStart(caughtSignals()) : undefined;
    for (const signal of SIGNALS) process.on(signal, this.#hear);
    if (lost !== undefined) this.#hear(lost);
  }

  /** Aborted by the first wish. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly #hear = (signal: NodeJS.Signals): void => {
    const now = performance.now();
    if (this.#firstAt === undefined) {
      this.#firstAt = now;
      this.#resolveFirst?.(signal);
      this.#controller.abort();
    } else if (now - this.#firstAt >= SAME_SIGNAL_MS) this.cutShort(signal);
  };

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) process.off(signal, this.#hear);
  }
}

/** The signals that this process has handlers for, a bit each; 0 where the system does not say. */
function caughtSignals(): bigint {
  try {
    const mask = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    return BigInt(`0x${mask ?? '0'}`);
  } catch {
    return 0n;
  }
}

/**
 * The signal that process 1 was sent before the program's first line. Node begins with a handler each for SIGINT and
 * SIGTERM that puts the terminal in order, gives itself up, and sends itself the signal again: which then ends every
 * process but the first. So where one of the two handlers is left, the other has been at work.
 * @param caught the signals that had handlers when the program began
 */
export function signalLostAtStart(caught: bigint): 'SIGINT' | 'SIGTERM' | undefined {
  const interrupt = (caught & SIGINT_BIT) !== 0n;
  const terminate = (caught & SIGTERM_BIT) !== 0n;
  if (interrupt === terminate) return undefined;
  return interrupt ? 'SIGTERM' : 'SIGINT';
}
