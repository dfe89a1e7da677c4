/** An async iterator over what a part of the client has. It keeps nothing itself: it pulls when somebody asks. */

import type { RestanteError } from '../errors.ts';

interface Taker<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(error: unknown): void;
}

interface Source<T> {
  /** @returns the next one; undefined if there is none now */
  readonly pull: () => T | undefined;
  /** Is called once, when the iterator is over in any way. */
  readonly over?: (feed: Feed<T>) => void;
  readonly signal?: AbortSignal | undefined;
}

const done = { done: true, value: undefined } as const;

/** The iterator. */
export class Feed<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: Source<T>;
  readonly #takers: Taker<T>[] = [];
  readonly #aborted = () => this.#stop(this.#source.signal?.reason);
  #ended = false;
  /** It has ended, and what is there is not for this iterator any more. */
  #stopped = false;
  /** What the next call rejects with. */
  #failure: unknown;

  constructor(source: Source<T>) {
    this.#source = source;
    source.signal?.addEventListener('abort', this.#aborted);
    if (source.signal?.aborted) this.#aborted();
  }

  /** Whether it is over, but for what is there. */
  get ended(): boolean {
    return this.#ended;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** There may be something to pull. */
  wake(): void {
    while (this.#takers.length > 0) {
      const value = this.#source.pull();
      if (value === undefined) return;
      this.#takers.shift()?.resolve({ done: false, value });
    }
  }

  next(): Promise<IteratorResult<T, undefined>> {
    // What is there is handed out before the end is told.
    const value = this.#takers.length > 0 || this.#stopped ? undefined : this.#source.pull();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (!this.#ended) return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    const failure = this.#failure;
    this.#failure = undefined;
    return failure === undefined ? Promise.resolve(done) : Promise.reject(failure);
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#stop();
    return Promise.resolve(done);
  }

  #stop(failure?: unknown): void {
    this.#stopped = true;
    this.end(failure);
  }

  /** The client has ended, and with an error if nobody has asked it to. */
  finish(error: RestanteError | undefined): void {
    this.end(error?.code === 'CLOSED' ? undefined : error);
  }

  /** Ends the iteration after what is there, and with an error if one is given. */
  end(failure?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#source.signal?.removeEventListener('abort', this.#aborted);
    this.#source.over?.(this);
    this.#failure = failure;
    for (const taker of this.#takers.splice(0)) this.next().then(taker.resolve, taker.reject);
  }
}
