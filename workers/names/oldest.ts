/**
 * Finds the entry of a Map that was added first. A new iterator would pass over every entry that was deleted before,
 * and there can be as many of them as the Map has entries. (Measured: 20 us each time, with 100,000 entries.)
 */
export class Oldest<Key, Value> {
  readonly #map: ReadonlyMap<Key, Value>;
  #iterator: Iterator<[Key, Value]>;
  /** The entry that was found last. It may have been deleted, or added again, since. */
  #found: [Key, Value] | undefined;

  constructor(map: ReadonlyMap<Key, Value>) {
    this.#map = map;
    this.#iterator = map.entries();
  }

  /** @returns the oldest entry; undefined if there is none. An entry that was added again has a new value */
  find(): readonly [Key, Value] | undefined {
    while (this.#found === undefined || this.#map.get(this.#found[0]) !== this.#found[1]) {
      if (this.#map.size === 0) return undefined;
      const next = this.#iterator.next();
      // An iterator that has come to the end stays there.
      if (next.done === true) this.#iterator = this.#map.entries();
      this.#found = next.done === true ? undefined : next.value;
    }
    return this.#found;
  }
}
