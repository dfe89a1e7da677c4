/** The options of the measurement, read once. */
import { availableParallelism, tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface BenchOptions {
  /** Fewer messages and one run each: for a look, not for figures. */
  readonly quick: boolean;
  /** The measurements that are made; none named: all. */
  readonly only: readonly string[];
  /** How often each rate is measured. */
  readonly runs: number;
  readonly shards: number;
  /** Where each broker gets a folder of its own for its store: on a real disk, or the figures say nothing. */
  readonly dataDir: string;
  /** The tree whose broker is measured. */
  readonly tree: string;
  /** Where the brokers' CPU profiles go, one a thread. */
  readonly profile?: string;
  /** Where the figures go as JSON too. */
  readonly json?: string;
}

function whole(text: string): number {
  const value = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (value < 1) throw new InvalidArgumentError('It must be a whole number of at least 1.');
  return value;
}

/**
 * Reads the command line; ends the process for `--help` and for an option that is wrong.
 * @param names of the measurements
 */
export function readBenchOptions(names: readonly string[]): BenchOptions {
  const gather = (name: string, before: readonly string[]) => {
    if (!names.includes(name)) throw new InvalidArgumentError(`It must be one of ${names.join(', ')}.`);
    return [...before, name];
  };
  const given = new Command('npm run bench:mail --')
    .description('Measures how fast and how small the broker is about held mail, and checks that none of it is lost.')
    .option('--quick', 'a short run', false)
    .addOption(
      new Option('--only <name>', `measure this alone (can be repeated): ${names.join(', ')}`)
        .argParser(gather)
        .default([], 'all'),
    )
    .option('--runs <n>', 'how often a rate is measured (default: 3, quick: 1)', whole)
    .option('--shards <n>', 'shards of the broker', whole, Math.max(1, availableParallelism() - 1))
    .option('--data-dir <folder>', 'where the stores lie, each in a folder of its own', tmpdir())
    .option('--tree <folder>', 'the tree whose broker is measured', ROOT)
    .option('--profile <folder>', 'let the brokers write CPU profiles there')
    .option('--json <file>', 'write the figures there too')
    .allowExcessArguments(false)
    .parse()
    .opts<Omit<BenchOptions, 'runs'> & { runs?: number }>();
  return { ...given, runs: given.runs ?? (given.quick ? 1 : 3), tree: resolve(given.tree) };
}
