/** A terminal in which a reader has started nc, or a chat. Its output is compared line by line. */
import { expect } from 'vitest';
import type { Program } from '../../helpers/programs/program.ts';
import { inTime, until } from '../../helpers/until.ts';

/** The lines of the broker. The person types all others. */
const SHOWN = /^(\* |from )/;
const CTRL_D = '^D';

export class Terminal implements AsyncDisposable {
  readonly #program: Program;
  #compared = 0;

  constructor(program: Program) {
    this.#program = program;
  }

  /** Types lines, and waits for the lines that the document shows. */
  async play(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      if (SHOWN.test(line)) await this.#shows(line);
      else if (line === CTRL_D) await this.#end();
      else this.#program.type(`${line}\n`);
    }
  }

  /** Closes the terminal. Throws if it has shown a line that is not in the document. */
  async close(): Promise<void> {
    await this[Symbol.asyncDispose]();
    expect(this.#program.stdout.slice(this.#compared), 'what the document does not show').toBe('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  async #shows(line: string): Promise<void> {
    const { stdout } = this.#program;
    const end = () => this.#program.stdout.indexOf('\n', this.#compared);
    await until(
      () => end() >= 0 || !this.#program.running,
      () => `${line}, seen: ${stdout}${this.#program.stderr}`,
    );
    expect(withoutFigures(this.#program.stdout.slice(this.#compared, end()))).toBe(withoutFigures(line));
    this.#compared = end() + 1;
  }

  async #end(): Promise<void> {
    this.#program.type();
    const code = await inTime(
      this.#program.ended(),
      () => `the end of the input to end it, seen: ${this.#program.stdout}`,
    );
    expect(code).toBe(0);
  }
}

/**
 * Replaces figures that differ in each run: dates, durations, numbers of messages, and connections as a limit of open
 * files allows them.
 */
export function withoutFigures(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'DATE')
    .replace(/("(?:seq|time|expires)":|^id: )\d+/gm, '$1SOME')
    .replace(/\bin \d+ ms/g, 'in SOME ms')
    .replace(/\bso \d+ connections are served/g, 'so SOME connections are served')
    .replace(/\bCompose\) to \d+/g, 'Compose) to MORE');
}
