/** The signal by which a reader stops its writer. It is not a message but the end of a scope. */

/** The receiving end of a channel. It receives any number of values, and the end once. */
export interface Channel<T> {
  /** Registers the one receiver. Calls `onEnd` when the channel ends, or at once if it has ended. */
  receive(onValue: (value: T) => void, onEnd: () => void): void;
}

/**
 * A channel on which nothing can be sent, because the type of its values has no value. Only its end can be received.
 */
export type ShutdownSignal = Channel<never>;

/**
 * The `onValue` of such a channel. The compiler knows that it is never called.
 * @throws TypeError if it is called all the same
 */
export function nothing(value: never): never {
  throw new TypeError(`a value where there can be none: ${String(value)}`);
}

/** Ends its signal when it is disposed: once, however the scope is left. */
export class ShutdownScope implements Disposable, Channel<never> {
  #ended = false;
  #onEnd: (() => void) | undefined;

  /** The signal, for who must not dispose the scope. */
  get signal(): ShutdownSignal {
    return this;
  }

  receive(_onValue: (value: never) => void, onEnd: () => void): void {
    if (this.#ended) onEnd();
    else this.#onEnd = onEnd;
  }

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd?.();
    this.#onEnd = undefined;
  }
}
