/** Two ends of waiting: a point in time, and a signal that is aborted. */

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
