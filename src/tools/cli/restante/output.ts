/** Standard output: lines for people, or one JSON object a line for programs. */
import { escaped } from '../../../shared/common/text.ts';

/** What is written to, such as `process.stdout`. */
export interface Sink {
  readonly isTTY?: boolean;
  write(text: string, done: (error?: Error | null) => void): unknown;
}

/** One output in one of the two forms. */
export class Output {
  readonly #sink: Sink;
  readonly json: boolean;

  constructor(sink: Sink, json: boolean) {
    this.#sink = sink;
    this.json = json;
  }

  /**
   * Prints a result. Resolves when it is written.
   * @param object for programs
   * @param text one line for people
   * @throws Error if nobody reads any more
   */
  say(object: Readonly<Record<string, unknown>>, text: string): Promise<void> {
    return this.raw(this.json ? JSON.stringify(object) : escaped(text));
  }

  /** Prints a body. @param object for programs, which get the body as it is. @throws Error if nobody reads any more */
  body(object: Readonly<Record<string, unknown>>, body: unknown): Promise<void> {
    return this.raw(this.json ? JSON.stringify(object) : bodyAsLine(body, this.#sink.isTTY === true));
  }

  /** Prints text as it is, and ends the line. @throws Error if nobody reads any more */
  raw(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#sink.write(`${text}\n`, (error) => (error ? reject(error) : resolve()));
    });
  }
}

/** A body as text: a text as it is, and anything else as JSON. */
export function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

/**
 * A body as one line. Line ends are shown as escapes.
 * @param terminal whether characters that a terminal obeys are shown as escapes, too
 */
export function bodyAsLine(body: unknown, terminal: boolean): string {
  const text = bodyText(body);
  return terminal ? escaped(text) : text.replaceAll('\n', '\\n').replaceAll('\r', '\\r');
}
