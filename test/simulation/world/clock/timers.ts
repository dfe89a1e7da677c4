/** The timers of sessions. They fire when the simulated world lets time pass. */

/** A shorter timer fires whenever time passes at all. */
export const LONG_MS = 1_000;

export class SimTimers {
  readonly #due = new Map<() => void, number>();

  readonly start = (ms: number, step: () => void): (() => boolean) => {
    // A function of its own for each timer, because two timers may have the same step.
    const due = () => step();
    this.#due.set(due, ms);
    return () => this.#due.delete(due);
  };

  /** A short time passes. */
  pass(): void {
    this.#end((ms) => ms < LONG_MS);
  }

  /** So much time passes that every timer fires. */
  passAll(): void {
    this.#end(() => true);
  }

  #end(isOver: (ms: number) => boolean): void {
    for (const [step, ms] of [...this.#due]) {
      if (isOver(ms) && this.#due.delete(step)) step();
    }
  }
}
