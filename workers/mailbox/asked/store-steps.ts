/** Steps that may have to wait for the store. A step is tried again after each answer of the store. */

/** More are not taken at a time. */
export const MAX_OPEN_STEPS = 16;

export class StoreSteps {
  readonly #open = new Set<() => void>();

  /** Whether no more is taken now. */
  get full(): boolean {
    return this.#open.size >= MAX_OPEN_STEPS;
  }

  /**
   * Tries `step` now, and later if it must wait.
   * @param step returns its result; undefined if it must wait
   */
  run<T>(step: () => T | undefined): Promise<T> {
    const first = step();
    if (first !== undefined) return Promise.resolve(first);
    return new Promise((resolve) => {
      const again = () => {
        const result = step();
        if (result === undefined) return;
        this.#open.delete(again);
        resolve(result);
      };
      this.#open.add(again);
    });
  }

  /** The store has answered. */
  goOn(): void {
    for (const again of [...this.#open]) again();
  }
}
