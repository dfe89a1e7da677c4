/** The clocks of a simulated machine: the elapsed time, and a wall clock that jumps. */
import { type KeptTime, storableSeconds, timeAtStart } from '../../../../src/store/clock.ts';
import type { StoreState } from '../../../../src/store/state.ts';

const YEAR_2026 = 1_790_000_000;

export class Time {
  #passed = 0;
  #jumped = 0;
  /** The difference between the clock by which mail ages and the elapsed time. */
  #base = 0;

  pass(seconds: number): void {
    this.#passed += seconds;
  }

  /** From now on the wall clock is off by so many seconds. */
  jump(seconds: number): void {
    this.#jumped = seconds;
  }

  get #wall(): number {
    return storableSeconds(YEAR_2026 + this.#passed + this.#jumped);
  }

  /** A broker starts. */
  start(kept: KeptTime | undefined, holdSeconds: number): void {
    this.#base = timeAtStart(kept, this.#wall, holdSeconds).seconds - this.#passed;
  }

  /** The clock by which mail ages. */
  get aged(): number {
    return this.#base + this.#passed;
  }

  state(ended: boolean): StoreState {
    return { aged: this.aged, wall: this.#wall, ended };
  }
}
