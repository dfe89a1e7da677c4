/**
 * Mail that is counted, but that the store does not have. Single messages are found missing one after another, so they
 * are summed up by name until they are reported.
 */
import { counted, shown } from '../../../src/shared/common/text.ts';
import { nameKey } from '../../names/name.ts';

/** So many names are reported one by one, and all others as one sum: a large loss must not flood the log. */
const MOST_NAMED = 20;

export class Missing {
  readonly #names = new Map<string, { readonly name: Uint8Array; messages: number }>();
  #others = 0;

  note(name: Uint8Array, messages: number): void {
    const key = nameKey(name);
    const noted = this.#names.get(key);
    if (noted !== undefined) noted.messages += messages;
    else if (this.#names.size < MOST_NAMED) this.#names.set(key, { name, messages });
    else this.#others += messages;
  }

  /** Calls `send` with one line for each name, and starts again from zero. */
  report(send: (line: string) => void): void {
    if (this.#names.size === 0) return;
    for (const { name, messages } of this.#names.values()) send(`${counted(messages, 'message')} for ${shown(name)}`);
    if (this.#others > 0) send(`${counted(this.#others, 'message')} for other names`);
    this.#names.clear();
    this.#others = 0;
  }
}
