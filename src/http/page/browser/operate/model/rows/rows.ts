/** Rows of a list that is longer than what is known of it. They are asked for as they are needed. */
import { Store } from '../../../parts/store.ts';

/** What a table shows. */
export interface Rows<R> {
  /** How many there are, as far as that is known. */
  readonly total: number;
  /** Whether an answer is awaited, so that nothing can be said of the end. */
  readonly isLoading: boolean;
  /** @returns undefined if it is not known yet */
  at(index: number): R | undefined;
  /** These are looked at: what is not known of them is asked for. */
  need(first: number, last: number): void;
  /** It is another number when something has changed. */
  readonly version: Store<number>;
  /** Why the last question was not answered; undefined if it was. */
  readonly problem: Store<string | undefined>;
}

/** Asks for rows until it is ended, and notes what went wrong. */
export class Asking {
  readonly version = new Store(0);
  readonly problem = new Store<string | undefined>(undefined);
  readonly #end = new AbortController();
  #awaited = 0;

  get isLoading(): boolean {
    return this.#awaited > 0;
  }

  get signal(): AbortSignal {
    return this.#end.signal;
  }

  /** Does what asks. After the end nothing of it is seen any more. */
  async run(question: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#awaited++;
    try {
      await question(this.signal);
      this.problem.set(undefined);
    } catch (error) {
      if (!this.signal.aborted) this.problem.set(error instanceof Error ? error.message : String(error));
    } finally {
      this.#awaited--;
      this.changed();
    }
  }

  changed(): void {
    if (!this.signal.aborted) this.version.set(this.version.value + 1);
  }

  end(): void {
    this.#end.abort();
  }
}
