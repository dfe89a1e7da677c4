/** The ids that the client makes: a random prefix, so that no other client makes the same, and a counter. */

const LETTERS = '0123456789abcdefghijklmnopqrstuvwxyz';
/** 62 bits of chance. */
const PREFIX_LETTERS = 12;

/** Makes ids. */
export class Ids {
  readonly #prefix: string;
  #count = 0;

  /** @param random from 0 to less than 1 */
  constructor(random: () => number) {
    let prefix = '';
    for (let i = 0; i < PREFIX_LETTERS; i++) prefix += LETTERS.charAt(Math.floor(random() * LETTERS.length));
    this.#prefix = prefix;
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
