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

/** @throws InvalidArgumentError unless the text is a whole number, from 1 on */
export function count(text: string): number {
  const value = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (value >= 1 && value <= MAX_COUNT) return value;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_COUNT}.`);
}

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
