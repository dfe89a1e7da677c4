/** The options of the swarm. Each is an option of the command line and an environment variable. All are read once. */
import { randomInt } from 'node:crypto';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT_BAD_SETTING } from '../../shared/common/errors.ts';
import { commandFor } from '../../shared/common/text.ts';

/** The tables for pairs of clients grow with the square of this: 200 MB at the limit. */
const MAX_CLIENTS = 5_000;
const MAX_THREADS = 64;
const MAX_SECONDS = 86_400;
const MAX_RATE_PER_SECOND = 10_000;
const EXIT_CODES = `
Exit code: 0 nothing lost, repeated or disordered, and the protocol of programs kept; 1 otherwise; 2 a wrong option.`;
const TOKEN_HELP = 'proves the names, for AUTH=required; a token for the prefix swarm-';
/** A seed has 31 bits, so that a printed one can be given again. */
const MAX_SEED = 2 ** 31 - 1;

/** The options, checked. */
export interface SwarmOptions {
  readonly clients: number;
  /** The part of the clients that are programs: they speak the protocol of programs. */
  readonly programs: number;
  readonly seconds: number;
  /** Lines that each client sends a second. */
  readonly rate: number;
  readonly threads: number;
  readonly host: string;
  readonly port: number;
  /** A token for all names that begin with `swarm-`, for a broker with AUTH=required. */
  readonly token?: string | undefined;
  /** The probability that a client leaves, or crashes, within a second. It comes back. */
  readonly churn: number;
  readonly seed: number;
  /** Whether the report is one JSON object rather than a table. */
  readonly json: boolean;
}

/** How many of the clients are programs. */
export function programsOf({ clients, programs }: SwarmOptions): number {
  return Math.round(clients * programs);
}

/** Parses one option. An empty variable counts as not set, so the default stays. */
type Parser<T> = (text: string, fallback: T) => T;

function whole(min: number, max: number): Parser<number> {
  return (text, fallback) => {
    if (text === '') return fallback;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
  };
}

function decimal(min: number, max: number): Parser<number> {
  return (text, fallback) => {
    if (text === '') return fallback;
    const value = /^\d{1,12}(\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

const address: Parser<string> = (text, fallback) => (text === '' ? fallback : text);

const onOrOff: Parser<boolean> = (text, fallback) => {
  if (text === '') return fallback;
  if (text === 'on' || text === '1') return true;
  if (text === 'off' || text === '0') return false;
  throw new InvalidArgumentError('It must be on, off, 1 or 0.');
};

function option<T>(
  flags: string,
  variable: string,
  help: string,
  parser: Parser<T>,
  fallback: T,
  says?: string,
): Option {
  return new Option(flags, help).env(variable).argParser(parser).default(fallback, says);
}

function command(): Command {
  return new Command(commandFor('swarm'))
    .description('Many clients that write to each other through a broker, come and go, and check every message.')
    .addOption(option('--clients <n>', 'SWARM_CLIENTS', 'clients, each with a name', whole(2, MAX_CLIENTS), 200))
    .addOption(option('--programs <p>', 'SWARM_PROGRAMS', 'part of them that are programs', decimal(0, 1), 0))
    .addOption(option('--seconds <n>', 'SWARM_SECONDS', 'how long they send', whole(1, MAX_SECONDS), 20))
    .addOption(
      option('--rate <n>', 'SWARM_RATE', 'messages a second, of each client', decimal(0.001, MAX_RATE_PER_SECOND), 20),
    )
    .addOption(
      option('--threads <n>', 'SWARM_THREADS', 'worker threads they are spread over', whole(1, MAX_THREADS), 2),
    )
    .addOption(option('--host <address>', 'SWARM_HOST', 'where the broker listens', address, '127.0.0.1'))
    .addOption(option('--port <n>', 'SWARM_PORT', 'where the broker listens', whole(1, 65_535), 8080))
    .addOption(new Option('--token <token>', TOKEN_HELP).env('SWARM_TOKEN').argParser((text) => text || undefined))
    .addOption(
      option('--churn <p>', 'SWARM_CHURN', 'probability a second, of each client, of leaving', decimal(0, 1), 0.05),
    )
    .addOption(
      option('--seed <n>', 'SWARM_SEED', 'seed of the choices', whole(0, MAX_SEED), randomInt(MAX_SEED), 'random'),
    )
    .addOption(
      option('--json [on|off]', 'SWARM_JSON', 'JSON on stdout, not a table', onOrOff, false, 'off').preset('on'),
    )
    .addHelpText('after', EXIT_CODES)
    .allowExcessArguments(false);
}

/**
 * Reads the options.
 * @returns the options; or the exit code if the program is done, because help was asked for or an option is wrong
 */
export function readOptions(argv: readonly string[]): SwarmOptions | number {
  const program = command().exitOverride();
  try {
    const options = program.parse(argv).opts<SwarmOptions>();
    // A thread without a client has nothing to do.
    return Object.freeze({ ...options, threads: Math.min(options.threads, options.clients) });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_BAD_SETTING;
  }
}
