/** Ends of waiting: a point in time, a signal that is aborted, and a signal that is aborted at a point in time. */

/** A point in time after which nothing is waited for any more. */
export class Deadline {
  readonly #passed: Promise<undefined>;
  #timer: NodeJS.Timeout | undefined;
  readonly #at: number;

  /** @param ms the time from now, in milliseconds */
  constructor(ms: number) {
    this.#at = performance.now() + ms;
    this.#passed = new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve(undefined), ms);
    });
  }

  /** Waits for `work` until the deadline. @returns its result; undefined if the deadline passed first */
  race<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#passed]);
  }

  /** The time that is left, in milliseconds; 0 after the deadline. */
  get leftMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  /** Stops the timer, which would keep the process alive. After that `race` has no limit. */
  clear(): void {
    clearTimeout(this.#timer);
  }
}

/** The result of `work`; rejects at once when `signal` is aborted. After that the outcome of `work` is ignored. */
export function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Signals that are aborted after a time, or when another one is, until it is disposed of. `AbortSignal.timeout` is not
 * enough in `AbortSignal.any`: that holds it weakly, so it may be collected, and then its time never comes.
 */
export class TimeLimits implements Disposable {
  readonly #signals: readonly AbortSignal[];
  readonly #open = new Map<AbortController, NodeJS.Timeout>();
  readonly #abortAll = () => {
    for (const controller of [...this.#open.keys()]) this.#abort(controller);
  };

  /** @param signals each of them ends all waits */
  constructor(...signals: readonly AbortSignal[]) {
    this.#signals = signals;
    for (const signal of signals) signal.addEventListener('abort', this.#abortAll);
  }

  /** A signal that is aborted after so many milliseconds. It does not keep the process alive. */
  after(ms: number): AbortSignal {
    const controller = new AbortController();
    this.#open.set(controller, setTimeout(() => this.#abort(controller), ms).unref());
    if (this.#signals.some(({ aborted }) => aborted)) this.#abort(controller);
    return controller.signal;
  }

  #abort(controller: AbortController): void {
    clearTimeout(this.#open.get(controller));
    this.#open.delete(controller);
    controller.abort(new DOMException('no answer in time', 'TimeoutError'));
  }

  /** The signals are aborted no more. */
  [Symbol.dispose](): void {
    for (const timer of this.#open.values()) clearTimeout(timer);
    this.#open.clear();
    for (const signal of this.#signals) signal.removeEventListener('abort', this.#abortAll);
  }
}
