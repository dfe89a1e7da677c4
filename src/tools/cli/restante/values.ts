/** Values of the command line that several commands read. */
import { InvalidArgumentError, Option } from 'commander';

/** The longest time that may be given, so that a timer can hold it. */
const MAX_SECONDS = 86_400;
const MAX_COUNT = 1_000_000_000;

/** @throws InvalidArgumentError unless the text is a number of seconds, more than 0 and at most a day */
export function seconds(text: string): number {
  const value = /^\d{1,5}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
  if (value > 0 && value <= MAX_SECONDS) return value;
  throw new InvalidArgumentError(`It must be a number of seconds, more than 0 and at most ${MAX_SECONDS}.`);
}

/** @returns a reader of whole numbers, which throws InvalidArgumentError unless the text is one from 1 to `max` */
export function upTo(max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
    if (value >= 1 && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from 1 to ${max}.`);
  };
}

/** Reads how many. */
export const count = upTo(MAX_COUNT);
/** @returns an option that a variable may give, too. An empty variable counts as one that is not set. */
export function withVariable(flags: string, help: string, variable: string): Option {
  return new Option(flags, help)
    .env(variable)
    .argParser((text, before: string | undefined) => (text === '' ? before : text));
}

/** @throws InvalidArgumentError if a name is missing */
export function names(text: string): readonly string[] {
  const given = text.split(',').map((name) => name.trim());
  if (given.every((name) => name !== '')) return given;
  throw new InvalidArgumentError('It must be a name, or several with commas between them.');
}

/** @returns an example for the end of a help */
export function example(...lines: readonly string[]): string {
  return `\nExample:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
