/** A promise that an answer, a time limit or an abort signal ends, whichever comes first. */
import { TimeoutError } from '../errors.ts';
import type { Clock } from './clock.ts';

/** How long a call waits. */
export interface WaitOptions {
  /** Milliseconds. `Infinity` is no limit. */
  readonly timeout?: number | undefined;
  /** Ends the wait. The call rejects with the reason of the signal. */
  readonly signal?: AbortSignal | undefined;
}

/** How a wait goes on. */
export interface Wait {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The message of the TimeoutError, which is asked for when it is needed. */
  readonly late: () => string;
  /** Is called once, when the wait is over in any way. */
  readonly over?: () => void;
}

/** One wait. */
export class Pending<T> {
  readonly promise: Promise<T>;
  #resolve: (value: T) => void = () => undefined;
  #reject: (error: unknown) => void = () => undefined;
  #release: (() => void) | undefined;

  constructor(clock: Clock, { timeoutMs, signal, late, over }: Wait) {
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    const aborted = () => this.reject(signal?.reason);
    const cancel = clock.startTimer(timeoutMs, () => this.reject(new TimeoutError(late())));
    signal?.addEventListener('abort', aborted);
    this.#release = () => {
      cancel();
      signal?.removeEventListener('abort', aborted);
      over?.();
    };
    if (signal?.aborted) aborted();
  }

  get done(): boolean {
    return this.#release === undefined;
  }

  resolve(value: T): void {
    this.#end();
    this.#resolve(value);
  }

  reject(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    const release = this.#release;
    this.#release = undefined;
    release?.();
  }
}
