/**
 * Who waits for a shard to catch up, in two lines: those with little to ask, and those with much. Of each line the
 * first comes first. Many with little go for each one with much, so that a word to a friend does not wait for long
 * lists, and those are not shut out by many words.
 */

/** So many with little to ask go before the next one with much. */
const LIGHT_BEFORE_HEAVY = 16;

export class CongestedSenders {
  readonly #light = new Set<() => void>();
  readonly #heavy = new Set<() => void>();
  #lightInARow = 0;

  get size(): number {
    return this.#light.size + this.#heavy.size;
  }

  add(resume: () => void, heavy: boolean): void {
    (heavy ? this.#heavy : this.#light).add(resume);
  }

  delete(resume: () => void): void {
    this.#light.delete(resume);
    this.#heavy.delete(resume);
  }

  /** Takes who is next. @param onlyLight whether there is no room for those with much to ask */
  take(onlyLight: boolean): (() => void) | undefined {
    const mayBeHeavy = !onlyLight && this.#heavy.size > 0;
    const heavy = mayBeHeavy && (this.#light.size === 0 || this.#lightInARow >= LIGHT_BEFORE_HEAVY);
    const [next] = heavy ? this.#heavy : this.#light;
    if (next === undefined) return undefined;
    this.delete(next);
    this.#lightInARow = heavy ? 0 : this.#lightInARow + 1;
    return next;
  }
}
