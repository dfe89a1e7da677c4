/** The options of the measurement, read once. */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Command, CommanderError, InvalidArgumentError } from 'commander';
import { MAX_PAYLOAD_BYTES, MIN_PAYLOAD_BYTES } from './generator/payload.ts';
import { PEER_NAMES, type PeerName } from './generator/protocols/all.ts';
import type { Load } from './job.ts';
import { WORKLOAD_NAMES, WORKLOADS, type WorkloadName } from './workloads.ts';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const EXIT_BAD_OPTION = 2;
const MAX_CONNECTIONS = 9_000;
const MAX_FAN = 64;
const MAX_WINDOW = 4_096;

export interface LiveOptions {
  readonly only: readonly WorkloadName[];
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  /** How long each measurement takes, after its warm-up. */
  readonly seconds: number;
  readonly warmUp: number;
  /** What each workload is, with what was given changed in it. */
  readonly loads: Readonly<Record<WorkloadName, Load>>;
  readonly shards?: number;
  /** The tree whose broker is measured. */
  readonly tree: string;
  /** Where the broker's CPU profiles go, one a thread. */
  readonly profile?: string;
  readonly quick: boolean;
  readonly json?: string;
}

type Changes = Partial<Pick<Load, 'connections' | 'fan' | 'window' | 'batch'>> & { payload?: number };
type Given = Partial<Omit<LiveOptions, 'loads' | 'quick'>> & Changes & { quick: boolean };

function whole(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) throw new InvalidArgumentError(`It must be from ${min} to ${max}.`);
    return value;
  };
}

function seconds(min: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min)) throw new InvalidArgumentError(`It must be a number of seconds from ${min} to 9999.`);
    return value;
  };
}

/** Some of `names`, in their order: the first peer is who the others are compared with. */
function listOf<T extends string>(names: readonly T[]): (text: string) => T[] {
  return (text) => {
    const asked = text.split(',').map((word) => word.trim());
    const chosen = names.filter((name) => asked.includes(name));
    if (asked.some((word) => !names.some((name) => name === word))) {
      throw new InvalidArgumentError(`It must be some of ${names.join(',')}.`);
    }
    return chosen;
  };
}

function command(): Command {
  const workloads = WORKLOAD_NAMES.map((name) => `  ${name.padEnd(12)} ${WORKLOADS[name].like}`).join('\n');
  return new Command('npm run bench --')
    .description('Measures the broker side by side with others and with a bare relay, and checks every message.')
    .option('--only <names>', `some of ${WORKLOAD_NAMES.join(',')} (default: all)`, listOf(WORKLOAD_NAMES))
    .option('--peers <names>', `some of ${PEER_NAMES.join(',')} (default: all that are installed)`, listOf(PEER_NAMES))
    .option('--rounds <n>', 'rounds over all peers (default: 3, quick: 1)', whole(1, 100))
    .option('--seconds <n>', 'how long each measurement takes (default: 4, quick: 0.4)', seconds(0.1))
    .option('--warm-up <n>', 'seconds before it that do not count (default: 1, quick: 0.2)', seconds(0))
    .option('--connections <n>', 'connections, in every workload', whole(2, MAX_CONNECTIONS))
    .option('--fan <n>', 'names a message goes to, in every workload', whole(1, MAX_FAN))
    .option('--window <n>', 'messages a connection has under way, in every workload', whole(1, MAX_WINDOW))
    .option('--batch <n>', 'messages a write, in every workload', whole(1, MAX_WINDOW))
    .option('--payload <bytes>', 'bytes of a message, in every workload', whole(MIN_PAYLOAD_BYTES, MAX_PAYLOAD_BYTES))
    .option('--shards <n>', "shards of the broker (default: the broker's own)", whole(1, 64))
    .option('--tree <folder>', 'the tree whose broker is measured (default: this one)')
    .option('--profile <folder>', 'let the broker write CPU profiles there')
    .option('--quick', 'a short run: for a look, not for figures', false)
    .option('--json <file>', 'write the figures there too')
    .addHelpText('after', `\nWorkloads:\n${workloads}`)
    .addHelpText('after', '\nExit code: 0 all was right; 1 messages were wrong, or a run failed; 2 a wrong option.')
    .allowExcessArguments(false)
    .showSuggestionAfterError(false);
}

/**
 * Reads the command line.
 * @returns the options, or the exit code when all has been said: help was asked for, or an option is wrong
 */
export function readLiveOptions(argv: readonly string[]): LiveOptions | number {
  const program = command().exitOverride();
  try {
    const given = program.parse(argv).opts<Given>();
    const only = given.only ?? WORKLOAD_NAMES;
    const loads = Object.fromEntries(WORKLOAD_NAMES.map((name) => [name, changed(name, given)]));
    for (const name of only) refuseImpossible(program, name, loads[name] as Load);
    return {
      ...given,
      only,
      peers: given.peers ?? PEER_NAMES,
      rounds: given.rounds ?? (given.quick ? 1 : 3),
      seconds: given.seconds ?? (given.quick ? 0.4 : 4),
      warmUp: given.warmUp ?? (given.quick ? 0.2 : 1),
      loads: loads as Record<WorkloadName, Load>,
      tree: resolve(given.tree ?? ROOT),
      ...(given.profile !== undefined && { profile: resolve(given.profile) }),
    };
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_BAD_OPTION;
  }
}

function changed(name: WorkloadName, given: Given): Load {
  return { ...WORKLOADS[name].load, ...definedOf(given) };
}

function refuseImpossible(program: Command, name: WorkloadName, load: Load): void {
  const { connections, fan, window, batch, speech } = load;
  if (connections % fan !== 0) {
    program.error(`error: ${name}: ${connections} connections do not make groups of ${fan} (--connections, --fan)`);
  }
  if (fan > 1 && (speech === 'ack' || speech === 'durable')) {
    program.error(`error: ${name}: a message goes to one name where it is acknowledged (--fan)`);
  }
  if (batch > window) program.error(`error: ${name}: ${batch} a write are more than ${window} (--batch, --window)`);
}

function definedOf({ connections, fan, window, batch, payload }: Given): Partial<Load> {
  return {
    ...(connections !== undefined && { connections }),
    ...(fan !== undefined && { fan }),
    ...(window !== undefined && { window }),
    ...(batch !== undefined && { batch }),
    ...(payload !== undefined && { payloadBytes: payload }),
  };
}
