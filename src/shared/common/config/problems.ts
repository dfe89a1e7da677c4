/** What is wrong with the settings: all of it at once, each with its place. */
import { EXIT_BAD_SETTING, StartError } from '../errors.ts';

/** A place in a file. Both count from 1; a column is one unit of UTF-16. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong. */
export interface Problem {
  /** The file that it is in; undefined if it is in the environment. */
  readonly file?: string | undefined;
  /** Undefined if it is about the whole file. */
  readonly place?: Place | undefined;
  readonly text: string;
}

/** A problem as one line: `restante.toml:3:8: PORT is …`. */
export function problemText({ file, place, text }: Problem): string {
  if (file === undefined) return text;
  return place === undefined ? `${file}: ${text}` : `${file}:${place.line}:${place.column}: ${text}`;
}

/** More problems than these are counted only. */
const MAX_PROBLEMS = 50;

/** The settings are wrong. The message has a line for each problem. */
export class ConfigError extends StartError {
  readonly problems: readonly Problem[];

  /** @param problems at least one */
  constructor(problems: readonly Problem[]) {
    const more = problems.length - MAX_PROBLEMS;
    const told = more <= 0 ? problems : [...problems.slice(0, MAX_PROBLEMS), { text: `and ${more} more` }];
    super(told.map(problemText).join('\n'), EXIT_BAD_SETTING);
    this.name = 'ConfigError';
    this.problems = told;
  }
}

/** The places in a text. */
export class Places {
  readonly #lineStarts: readonly number[];

  constructor(text: string) {
    this.#lineStarts = [0, ...Array.from(text.matchAll(/\n/g), ({ index }) => index + 1)];
  }

  /** The place of an offset. */
  at(offset: number): Place {
    const starts = this.#lineStarts;
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
  }
}
