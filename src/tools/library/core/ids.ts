/**
 * The ids that the client makes: a prefix by chance, so that no earlier run of the same program has made the same, and
 * a counter. They must differ for one sender within DEDUPE_SECONDS, and 52 bits of chance are enough for that.
 */

/** Makes ids. */
export class Ids {
  readonly #prefix: string;
  #count = 0;

  /** @param random from 0 to less than 1 */
  constructor(random: () => number) {
    this.#prefix = random().toString(36).slice(2);
  }

  next(): string {
    return `${this.#prefix}-${++this.#count}`;
  }

  /** The id of a request. It can be told from others, when its reply comes too late. */
  nextRequest(): string {
    return `${this.#prefix}-r${++this.#count}`;
  }

  isRequest(id: string): boolean {
    return id.startsWith(`${this.#prefix}-r`);
  }
}
