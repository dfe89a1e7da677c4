/** Random choices from a seed. The same seed makes the same choices. */
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { JumpableRandomGenerator } from 'pure-rand/types/JumpableRandomGenerator';

/** The first numbers of a generator are nearly the same for seeds that are next to each other. They are left out. */
const LEFT_OUT = 64;

export class Chance {
  readonly #generator: JumpableRandomGenerator;

  constructor(seed: number) {
    this.#generator = xoroshiro128plus(seed);
    for (let i = 0; i < LEFT_OUT; i++) this.#generator.next();
  }

  /** A whole number from `min` to `max`. */
  int(min: number, max: number): number {
    return uniformInt(this.#generator, min, max);
  }

  /** True with a probability of 1 in `times`. */
  once(times: number): boolean {
    return this.int(1, times) === 1;
  }

  /** One of `values`. */
  of<T>(values: readonly T[]): T {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new RangeError('nothing to choose from');
    return value;
  }

  /** A key of `weights`, with a probability in proportion to its weight. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K {
    const keys = Object.keys(weights) as K[];
    let left = this.int(
      1,
      keys.reduce((sum, key) => sum + weights[key], 0),
    );
    for (const key of keys) {
      left -= weights[key];
      if (left <= 0) return key;
    }
    throw new RangeError('no weight');
  }
}
