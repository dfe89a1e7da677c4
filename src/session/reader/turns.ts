/**
 * Turns of the event loop. A session that has used up its share of a turn waits for the next one. So a peer that sends
 * without a pause waits for others, and not they for it. (One read takes up to 64 KiB, and the kernel can deliver 32 of
 * them in a row.) All callbacks for the end of a turn share one call of the event loop, which is made in every turn in
 * which anything is read.
 */
export class Turns {
  /** The number of this turn. It rises at the end of each turn in which it was asked for. */
  #number = 0;
  #ending = false;
  #steps: (() => void)[] = [];
  /** The array of the last turn, which is reused in the next. */
  #stepsBefore: (() => void)[] = [];
  #waiting = new Set<() => void>();
  readonly #endOfTurn: (step: () => void) => void;
  readonly #watchers: TurnWatcher[] = [];

  /** @param endOfTurn calls a step when the turn of the event loop is over */
  constructor(endOfTurn: (step: () => void) => void = setImmediate) {
    this.#endOfTurn = endOfTurn;
  }

  /** The number of this turn. It is another one once the turn is over. */
  get current(): number {
    if (!this.#ending) this.#end();
    return this.#number;
  }

  /** From now on, tells `watcher` when a turn in which something happens begins, and when it is over. */
  watch(watcher: TurnWatcher): void {
    this.#watchers.push(watcher);
  }

  /** Calls `step` at the end of this turn. */
  atEnd(step: () => void): void {
    this.#steps.push(step);
    if (!this.#ending) this.#end();
  }

  /** Whether any session waits for the next turn. */
  get hasWaiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** Calls `resume` once, in the next turn. */
  waitFor(resume: () => void): void {
    this.#waiting.add(resume);
    if (!this.#ending) this.#end();
  }

  /** Withdraws `resume`, which is not called any more then. */
  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }

  #end(): void {
    this.#ending = true;
    for (const watcher of this.#watchers) watcher.begun();
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
    // Who waits from now on waits for the next turn.
    const due = this.#waiting.size > 0 ? this.#waiting : undefined;
    if (due !== undefined) this.#waiting = new Set();
    for (const watcher of this.#watchers) watcher.over();
    if (due !== undefined) for (const resume of due) resume();
  };
}

/** What is told of turns. */
export interface TurnWatcher {
  begun(): void;
  /** The steps for the end of the turn have been called. */
  over(): void;
}
