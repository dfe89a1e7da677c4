/** Requests that wait for their replies, and questions of `who` that wait for their answers. */
import { LimitError, RefusedError, type RestanteError } from '../errors.ts';
import type { Settings } from '../options.ts';
import type { Clock } from '../waits/clock.ts';
import { Pending, type WaitOptions } from '../waits/pending.ts';
import type { Ids } from './ids.ts';
import type { Part, Wire } from './wire.ts';
import { isObject, numberIn, textIn, type Words } from './words.ts';

/** What the broker knows of a name. */
export interface NameInfo {
  readonly name: string;
  readonly here: boolean;
  /** Since when, in seconds since 1970; undefined if the broker does not know. */
  readonly since: number | undefined;
  /** Messages in its mailbox. */
  readonly waiting: number;
}

/** The requests. The mailbox brings their replies, so a lost connection changes nothing. */
export class Requests implements Part {
  readonly #clock: Clock;
  readonly #max: number;
  readonly #waiting = new Map<string, Pending<unknown>>();
  readonly #ids: Ids;

  constructor(settings: Settings, clock: Clock, ids: Ids) {
    this.#clock = clock;
    this.#max = settings.limits.requests;
    this.#ids = ids;
  }

  /** @throws LimitError if there are too many */
  expect(id: string, timeout: number, signal: AbortSignal | undefined): Pending<unknown> {
    if (this.#waiting.size >= this.#max) throw new LimitError('requests', this.#max);
    const late = () => `no reply within ${timeout} ms`;
    const over = () => void this.#waiting.delete(id);
    const pending = new Pending<unknown>(this.#clock, { timeoutMs: timeout, signal, late, over });
    if (!pending.done) this.#waiting.set(id, pending);
    return pending;
  }

  /** @returns whether it answers a request of this client. One that comes too late is nobody's */
  take(re: string, body: unknown): boolean {
    this.#waiting.get(re)?.resolve(body);
    return this.#ids.isRequest(re);
  }

  /** See Part. */
  ended(error: RestanteError): void {
    for (const pending of [...this.#waiting.values()]) pending.reject(error);
  }
}

interface Question {
  readonly line: string;
  readonly pending: Pending<NameInfo[]>;
}

/** The questions. They change nothing, so they are asked again on the next connection. */
export class Questions implements Part {
  readonly #settings: Settings;
  readonly #clock: Clock;
  readonly #wire: Wire;
  readonly #ids: Ids;
  readonly #asked = new Map<string, Question>();
  #ended: RestanteError | undefined;

  constructor(settings: Settings, clock: Clock, wire: Wire, ids: Ids) {
    this.#settings = settings;
    this.#clock = clock;
    this.#wire = wire;
    this.#ids = ids;
  }

  /** See Client.who. */
  async ask(names: readonly string[], options: WaitOptions): Promise<NameInfo[]> {
    if (this.#ended !== undefined) throw this.#ended;
    const max = this.#settings.limits.questions;
    if (this.#asked.size >= max) throw new LimitError('questions', max);
    const id = this.#ids.next();
    const { timeout = this.#settings.timeouts.whoMs, signal } = options;
    const late = () => `no answer about ${names.join(', ')} within ${timeout} ms`;
    const over = () => void this.#asked.delete(id);
    const pending = new Pending<NameInfo[]>(this.#clock, { timeoutMs: timeout, signal, late, over });
    const line = JSON.stringify({ type: 'who', id, names });
    if (!pending.done) {
      this.#asked.set(id, { line, pending });
      this.#wire.say(line);
    }
    return await pending.promise;
  }

  answered(words: Words): void {
    const names = Array.isArray(words.names) ? words.names : [];
    this.#asked.get(textIn(words, 'id') ?? '')?.pending.resolve(names.filter(isObject).map(infoOf));
  }

  /** @returns whether the error is about a question */
  refused(words: Words): boolean {
    const id = textIn(words, 'id') ?? '';
    const question = this.#asked.get(id);
    const code = textIn(words, 'code') ?? 'ERROR';
    question?.pending.reject(new RefusedError(code, textIn(words, 'message') ?? code, id));
    return question !== undefined;
  }

  /** See Part. */
  welcomed(): void {
    for (const { line } of this.#asked.values()) this.#wire.say(line);
  }

  /** See Part. */
  ended(error: RestanteError): void {
    this.#ended = error;
    for (const { pending } of [...this.#asked.values()]) pending.reject(error);
  }
}

function infoOf(words: Words): NameInfo {
  return {
    name: textIn(words, 'name') ?? '',
    here: words.here === true,
    since: numberIn(words, 'since'),
    waiting: numberIn(words, 'waiting') ?? 0,
  };
}
