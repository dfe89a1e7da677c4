/** Random choices from a seed. The same seed makes the same choices. */
export class Choices {
  readonly seed: number;
  #state: number;

  /** The seed is `RESTANTE_SEED` if that is set, or else comes from the clock. */
  constructor(seed: number = Number(process.env.RESTANTE_SEED ?? Date.now() % 2 ** 31)) {
    this.seed = seed;
    this.#state = seed | 0;
  }

  /** A whole number from `from` to before `to`. */
  between(from: number, to: number): number {
    return from + Math.floor(this.#next() * (to - from));
  }

  /** True with this probability. */
  chance(probability: number): boolean {
    return this.#next() < probability;
  }

  /** One of these. */
  of<T>(all: readonly [T, ...T[]]): T {
    return all[this.between(0, all.length)] ?? all[0];
  }

  /** The generator mulberry32. */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}
