/** Who of those that one talks with is here. */
import type { Client } from '../../../../tools/library/browser.ts';

/** Names that are watched. The broker allows 1,000 a program. */
const MAX_WATCHED = 500;

/** The presence of names. It is unknown until the broker has said it. */
export class Presences {
  readonly #here = new Map<string, boolean | undefined>();
  readonly #changed: () => void;
  #client: Client | undefined;

  /** @param changed is called when a name has come or gone */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** Whether a name is here; undefined if that is not known. */
  get(name: string): boolean | undefined {
    return this.#here.get(name);
  }

  /** From now on there is a client to ask. */
  begin(client: Client): void {
    this.#client = client;
    for (const name of this.#here.keys()) void this.#follow(client, name);
  }

  /** Nothing is known while there is no connection. */
  lost(): void {
    for (const name of this.#here.keys()) this.#here.set(name, undefined);
  }

  watch(names: readonly string[]): void {
    for (const name of names) {
      if (this.#here.has(name) || this.#here.size >= MAX_WATCHED) continue;
      this.#here.set(name, undefined);
      if (this.#client !== undefined) void this.#follow(this.#client, name);
    }
  }

  async #follow(client: Client, name: string): Promise<void> {
    try {
      for await (const { here } of client.watch([name])) {
        this.#here.set(name, here);
        this.#changed();
      }
    } catch {
      // The client has ended, which its status says; or the broker watches no more, and the presence stays unknown.
    }
  }
}
