/** The `bench` command: how fast a running broker is, for one process with the client library. */
import { RestanteError, UsageError } from '../../../library/index.ts';
import { showProgress } from '../bench/progress.ts';
import { asObject, asTable, type BenchReport, busyNote, faultsOf } from '../bench/report.ts';
import { type BenchOptions, BenchRun } from '../bench/run.ts';
import type { Context } from '../context.ts';
import { example, seconds, upTo } from '../values.ts';

const MAX_PAIRS = 256;
/** A client has no more messages that are not accepted. */
const MAX_IN_FLIGHT = 1_000;
const MAX_BYTES = 16 * 1024 * 1024;
/** What all pairs may have under way: it is in the memory of this process and of the broker. */
const MAX_BYTES_IN_FLIGHT = 256 * 1024 * 1024;
/** What one pair may: a mailbox has room for it by default, and a client too. */
const MAX_BYTES_A_PAIR = 16 * 1024 * 1024;
const US_A_SECOND = 1e6;

/** Adds the command. */
export function addBench(context: Context): void {
  context.program
    .command('bench')
    .description('measure a running broker, with senders and receivers in this one process')
    .option('--pairs <n>', 'senders, each with a receiver of its own', upTo(MAX_PAIRS), 8)
    .option('--in-flight <n>', 'messages of a pair that are not worked off', upTo(MAX_IN_FLIGHT), 16)
    .option('--bytes <n>', 'the length of a message', upTo(MAX_BYTES), 128)
    .option('--seconds <n>', 'how long messages are sent', seconds, 10)
    .option('--durable', 'each message is on disk before it is accepted')
    .addHelpText(
      'after',
      `
Every message is acknowledged. The figures are bound by this one process, which has all clients: a message costs it more
processor time than any thread of the broker. Its processor time stands beside them. The broker has this work beside
that of its other clients, which slows them down.
${example('restante bench --pairs 32 --seconds 30', 'restante bench --durable --json')}`,
    )
    .action((options: BenchOptions) => bench(context, options));
}

async function bench(context: Context, options: BenchOptions): Promise<void> {
  check(options);
  await using run = new BenchRun(context, options);
  await run.prepare();
  const before = process.cpuUsage();
  const failure = await failureIn(run, options);
  const used = process.cpuUsage(before);
  const figures = run.tally?.figures(options.bytes, run.unfinished);
  if (figures !== undefined) {
    await tell(context, options, { ...figures, processorSeconds: (used.user + used.system) / US_A_SECOND });
  }
  context.stop.throwIfAborted();
  if (failure !== undefined) throw failure.error;
  const faults = figures && faultsOf(figures);
  if (faults !== undefined) throw new RestanteError('NOT_ALL_WORKED_OFF', faults);
}

/** @throws UsageError if more would be under way than fits */
function check({ pairs, inFlight, bytes }: BenchOptions): void {
  const aPair = inFlight * bytes;
  if (aPair > MAX_BYTES_A_PAIR) throw new UsageError(`--in-flight times --bytes is at most ${MAX_BYTES_A_PAIR}`);
  if (pairs * aPair > MAX_BYTES_IN_FLIGHT) {
    throw new UsageError(`--pairs times --in-flight times --bytes is at most ${MAX_BYTES_IN_FLIGHT}`);
  }
}

/** Sends. @returns what has ended it too early: the figures so far are told all the same */
async function failureIn(run: BenchRun, { seconds: total }: BenchOptions): Promise<{ error: unknown } | undefined> {
  using _ = showProgress(run, total);
  try {
    await run.send();
    return undefined;
  } catch (error) {
    return { error };
  }
}

async function tell({ output, note }: Context, options: BenchOptions, report: BenchReport): Promise<void> {
  if (output.json) return await output.say(asObject(report, options), '');
  await output.raw(asTable(report, options));
  const busy = busyNote(report);
  if (busy !== undefined) note(busy);
}
