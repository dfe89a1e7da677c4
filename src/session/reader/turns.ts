/**
 * Turns of the event loop. A session works off so much a turn and then waits for the next one, so that whoever sends
 * without a pause waits for others, and not others for it. (One read takes up to 64 KiB, and a system hands over 32 of
 * them in a row.) All that waits for the end of a turn shares one call of the event loop: it is made in every turn in
 * which anything is read.
 */
export class Turns {
  /** The number of the turn at hand. It rises at the end of each turn in which somebody has asked for it. */
  #number = 0;
  #ending = false;
  #steps: (() => void)[] = [];
  /** Used again in the next turn. */
  #stepsBefore: (() => void)[] = [];
  #waiting = new Set<() => void>();
  readonly #endOfTurn: (step: () => void) => void;

  /** @param endOfTurn calls a step when the turn of the event loop is over */
  constructor(endOfTurn: (step: () => void) => void = setImmediate) {
    this.#endOfTurn = endOfTurn;
  }

  /** The number of this turn: another one when this turn is over. */
  get current(): number {
    if (!this.#ending) this.#end();
    return this.#number;
  }

  /** Calls `step` when this turn is over. */
  atEnd(step: () => void): void {
    this.#steps.push(step);
    if (!this.#ending) this.#end();
  }

  /** Whether somebody waits for the next turn. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Calls `resume` once in the next turn. */
  waitFor(resume: () => void): void {
    this.#waiting.add(resume);
    if (!this.#ending) this.#end();
  }

  /** `resume` need not be called any more. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }

  #end(): void {
    this.#ending = true;
    this.#endOfTurn(this.#next);
  }

  readonly #next = (): void => {
    this.#ending = false;
    this.#number++;
    if (this.#steps.length > 0) {
      const steps = this.#steps;
      this.#steps = this.#stepsBefore;
      for (const step of steps) step();
      steps.length = 0;
      this.#stepsBefore = steps;
    }
    if (this.#waiting.size === 0) return;
    const due = this.#waiting;
    this.#waiting = new Set();
    for (const resume of due) resume();
  };
}
