/** A value that parts of the page show, and show anew when it has changed. */
import { useEffect, useState } from 'preact/hooks';

/** A value that can be followed. */
export interface Readable<T> {
  readonly value: T;
  /** @returns a function that ends it */
  follow(follower: () => void): () => void;
}

/** A value that can be set. */
export class Store<T> implements Readable<T> {
  #value: T;
  readonly #followers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (Object.is(value, this.#value)) return;
    this.#value = value;
    for (const follower of this.#followers) follower();
  }

  follow(follower: () => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }
}

/** The value of a store, in a component: it is drawn anew when the value changes. */
export function useStore<T>(store: Readable<T>): T {
  const [, draw] = useState({});
  const drawn = store.value;
  useEffect(() => {
    const stop = store.follow(() => draw({}));
    // It may have changed between the drawing and now.
    if (!Object.is(drawn, store.value)) draw({});
    return stop;
  }, [store]);
  return drawn;
}
