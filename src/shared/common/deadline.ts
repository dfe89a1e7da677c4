/** A time after which nobody is waited for any more. */
export class Deadline {
  readonly #passed: Promise<undefined>;
  #timer: NodeJS.Timeout | undefined;
  readonly #at: number;

  constructor(ms: number) {
    this.#at = performance.now() + ms;
    this.#passed = new Promise((resolve) => {
      this.#timer = setTimeout(() => resolve(undefined), ms);
    });
  }

  /** What `work` resolves to, or undefined if the time has passed. */
  race<T>(work: Promise<T>): Promise<T | undefined> {
    return Promise.race([work, this.#passed]);
  }

  get leftMs(): number {
    return Math.max(0, this.#at - performance.now());
  }

  clear(): void {
    clearTimeout(this.#timer);
  }
}
