/**
 * How a reader tells its writer to stop: not by a message, but by the end of a scope.
 */

/** The receiving end of a channel of values T: it may hear values, and hears its end once. */
export interface Channel<T> {
  /** Calls `onEnd` when the channel ends, at once if it has. One receiver a channel. */
  receive(onValue: (value: T) => void, onEnd: () => void): void;
}

/** A channel on which nothing can be sent: the type of its values has no value. Its end is all it says. */
export type ShutdownSignal = Channel<never>;

/** The `onValue` of a channel of nothing: the compiler knows that it is never called. */
export function nothing(value: never): never {
  throw new TypeError(`a value where there can be none: ${String(value)}`);
}

/** Ends its signal when it is disposed: exactly once, however the scope that holds it is left. */
export class ShutdownScope implements Disposable {
  #ended = false;
  #onEnd: (() => void) | undefined;

  readonly signal: ShutdownSignal = {
    receive: (_onValue, onEnd) => {
      if (this.#ended) onEnd();
      else this.#onEnd = onEnd;
    },
  };

  [Symbol.dispose](): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#onEnd?.();
    this.#onEnd = undefined;
  }
}
