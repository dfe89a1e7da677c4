/** The clocks of a simulated machine: the true time, which passes, and a wall clock that jumps. */
import { type KeptTime, storableSeconds, timeAtStart } from '../../../src/store/clock.ts';
import type { StoreState } from '../../../src/store/state.ts';

const YEAR_2026 = 1_790_000_000;

export class Time {
  #passed = 0;
  #jumped = 0;
  /** What the time by which mail ages is ahead of what has passed. */
  #base = 0;

  pass(seconds: number): void {
    this.#passed += seconds;
  }

  /** The wall clock is off by so much from now on. */
  jump(seconds: number): void {
    this.#jumped = seconds;
  }

  get #wall(): number {
    return storableSeconds(YEAR_2026 + this.#passed + this.#jumped);
  }

  /** A broker begins. */
  start(kept: KeptTime | undefined, holdSeconds: number): void {
    this.#base = timeAtStart(kept, this.#wall, holdSeconds).seconds - this.#passed;
  }

  /** The time by which mail ages. */
  get aged(): number {
    return this.#base + this.#passed;
  }

  state(ended: boolean): StoreState {
    return { aged: this.aged, wall: this.#wall, ended };
  }
}
