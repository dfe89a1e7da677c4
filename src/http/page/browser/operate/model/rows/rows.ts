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

/** Rows that are asked for until `end`, whatever they are and in whatever order. What goes wrong is noted. */
export abstract class AskedRows<R> implements Rows<R> {
  readonly version = new Store(0);
  readonly problem = new Store<string | undefined>(undefined);
  readonly #end = new AbortController();
  #awaited = 0;

  abstract get total(): number;

  abstract at(index: number): R | undefined;

  abstract need(first: number, last: number): void;

  get isLoading(): boolean {
    return this.#awaited > 0;
  }

  /** Does what asks. After the end nothing of it is seen any more. */
  protected async run(question: (signal: AbortSignal) => Promise<void>): Promise<void> {
    this.#awaited++;
    try {
      await question(this.#end.signal);
      this.problem.set(undefined);
    } catch (error) {
      if (!this.#end.signal.aborted) this.problem.set(error instanceof Error ? error.message : String(error));
    } finally {
      this.#awaited--;
      this.changed();
    }
  }

  /** What is shown is another one now. */
  protected changed(): void {
    if (!this.#end.signal.aborted) this.version.set(this.version.value + 1);
  }

  /** Nothing is asked for any more. */
  end(): void {
    this.#end.abort();
  }
}
