/**
 * Mail that was counted and is not there. It can be found missing message by message, so it is gathered by name until
 * it is reported.
 */
import { counted, shown } from '../../../src/shared/common/text.ts';
import { nameKey } from '../../names/name.ts';

/** So many names are reported one by one; of more only the sum is, so that a large loss does not flood the log. */
const MOST_NAMED = 20;

export class Missing {
  readonly #names = new Map<string, { readonly name: Uint8Array; messages: number }>();
  #others = 0;

  /** Adds mail of this name that is missing. */
  note(name: Uint8Array, messages: number): void {
    const key = nameKey(name);
    const noted = this.#names.get(key);
    if (noted !== undefined) noted.messages += messages;
    else if (this.#names.size < MOST_NAMED) this.#names.set(key, { name, messages });
    else this.#others += messages;
  }

  /** Gives `send` a line about each name, and begins anew. */
  report(send: (line: string) => void): void {
    if (this.#names.size === 0) return;
    for (const { name, messages } of this.#names.values()) send(`${counted(messages, 'message')} for ${shown(name)}`);
    if (this.#others > 0) send(`${counted(this.#others, 'message')} for other names`);
    this.#names.clear();
    this.#others = 0;
  }
}
