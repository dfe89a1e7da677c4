/** The timers of sessions, which end when the world lets time pass. */

/** What takes less is over whenever time passes at all. */
const LONG_MS = 1_000;

export class SimTimers {
  readonly #due = new Map<() => void, number>();

  readonly start = (ms: number, step: () => void): (() => void) => {
    // Each has an entry of its own, though the step may be the same.
    const due = () => step();
    this.#due.set(due, ms);
    return () => this.#due.delete(due);
  };

  /** A while has passed. */
  pass(): void {
    this.#end((ms) => ms < LONG_MS);
  }

  /** So much has passed that every time limit is over. */
  passAll(): void {
    this.#end(() => true);
  }

  #end(isOver: (ms: number) => boolean): void {
    for (const [step, ms] of [...this.#due]) {
      if (isOver(ms) && this.#due.delete(step)) step();
    }
  }
}
