/** Questions of `who`. They change nothing, so they are asked again on the next connection. */
import type { RestanteError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { Clock } from '../waits/clock.ts';
import type { WaitOptions } from '../waits/pending.ts';
import { Calls } from './calls.ts';
import type { Ids } from './ids.ts';
import type { Part, Wire } from './wire.ts';
import { isObject, numberIn, refusalIn, textIn, type Words } from './words.ts';

/** What the broker knows of a name. */
export interface NameInfo {
  readonly name: string;
  readonly here: boolean;
  /** Since when, in seconds since 1970; undefined if the broker does not know. */
  readonly since: number | undefined;
  /** Messages in its mailbox. */
  readonly waiting: number;
}

/** The questions. */
export class Questions implements Part {
  readonly #settings: Settings;
  readonly #wire: Wire;
  readonly #ids: Ids;
  readonly #lines = new Map<string, string>();
  readonly #calls: Calls<NameInfo[]>;

  constructor(settings: Settings, clock: Clock, wire: Wire, ids: Ids) {
    this.#settings = settings;
    this.#wire = wire;
    this.#ids = ids;
    this.#calls = new Calls(clock, 'questions', settings.limits.questions);
  }

  /** See Client.who. */
  async ask(names: readonly string[], options: WaitOptions): Promise<NameInfo[]> {
    const { timeout = this.#settings.timeouts.whoMs, signal } = options;
    signal?.throwIfAborted();
    const id = this.#ids.next();
    const answer = this.#calls.begin(id, {
      timeoutMs: timeout,
      signal,
      late: () => `no answer within ${timeout} ms: ${names}`,
      over: () => void this.#lines.delete(id),
    });
    const line = JSON.stringify({ type: 'who', id, names });
    this.#lines.set(id, line);
    this.#wire.say(line);
    return await answer;
  }

  answered(words: Words): void {
    const names = Array.isArray(words.names) ? words.names : [];
    this.#calls.resolve(textIn(words, 'id'), names.filter(isObject).map(infoOf));
  }

  /** @returns whether the error is about a question */
  refused(words: Words): boolean {
    const id = textIn(words, 'id');
    const isAsked = this.#calls.has(id);
    this.#calls.reject(id, refusalIn(words));
    return isAsked;
  }

  /** See Part. */
  welcomed(): void {
    for (const line of this.#lines.values()) this.#wire.say(line);
  }

  /** See Part. */
  ended(error: RestanteError): void {
    this.#calls.ended(error);
  }
}

function infoOf(words: Words): NameInfo {
  return {
    name: textIn(words, 'name'),
    here: words.here === true,
    since: numberIn(words, 'since'),
    waiting: numberIn(words, 'waiting') ?? 0,
  };
}
