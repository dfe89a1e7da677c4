/** The `send` command: one message, or each line of standard input. */
import { Argument, Option } from 'commander';
import { counted } from '../../../../../shared/common/text.ts';
import { type Client, RestanteError, type Sent, TimeoutError, UsageError } from '../../../../library/index.ts';
import type { Context } from '../../context.ts';
import { failureOf } from '../../failures.ts';
import { openSession } from '../../session.ts';
import { example, names as namesIn, seconds } from '../../values.ts';
import { linesOfInput } from './send-lines.ts';

/** The lines of standard input that are under way at a time. */
const IN_FLIGHT = 256;
const RECEIPT_SECONDS = 30;

interface SendOptions {
  readonly durable?: true;
  readonly wait?: 'held' | 'acked';
  readonly id?: string;
  readonly timeout: number;
}

/** Adds the command. */
export function addSend(context: Context): void {
  context.program
    .command('send')
    .description('send a text, or each line of standard input')
    .addArgument(new Argument('<names>', 'a name, or several with commas between them').argParser(namesIn))
    .argument('[text]', 'the message; - or nothing: each line of standard input is one')
    .option('--durable', 'on disk before it is accepted, also for a name that is here')
    .addOption(
      new Option('--wait <state>', 'held: as --durable; acked: until every name has acknowledged').choices([
        'held',
        'acked',
      ]),
    )
    .option('--id <id>', 'the id of the message; the lines of standard input get ID-1, ID-2 and so on')
    .option('--timeout <seconds>', 'how long --wait acked waits', seconds, RECEIPT_SECONDS)
    .addHelpText('after', example('restante send bob "are you there?"', 'restante send alice,bob - < lines.txt'))
    .action((names: readonly string[], text: string | undefined, options: SendOptions) =>
      text === undefined || text === '-'
        ? sendLines(context, names, text, options)
        : sendOne(context, names, text, options),
    );
}

async function sendOne(context: Context, names: readonly string[], text: string, options: SendOptions): Promise<void> {
  await using client = await openSession(context, { name: context.options.name, stays: false });
  const sent = await send(client, context, names, text, options, options.id);
  await context.output.say(asObject(sent, options), asText(sent, options));
}

async function sendLines(
  context: Context,
  names: readonly string[],
  text: string | undefined,
  options: SendOptions,
): Promise<void> {
  if (text === undefined && process.stdin.isTTY) {
    throw new UsageError('nothing to send: give a text, or - for the lines of standard input');
  }
  await using client = await openSession(context, { name: context.options.name, stays: true });
  const { json } = context.output;
  const underWay = new Set<Promise<void>>();
  let done = 0;
  let failure: unknown;
  let number = 0;
  const sendLine = async (line: string, id: string | undefined, which: number): Promise<void> => {
    try {
      const sent = await send(client, context, names, line, options, id);
      done++;
      if (json) await context.output.say(asObject(sent, options), '');
    } catch (error) {
      failure ??= withLine(error, which, context.options.url);
    }
  };
  for await (const line of linesOfInput(context.stop)) {
    number++;
    const work = sendLine(line, options.id === undefined ? undefined : `${options.id}-${number}`, number);
    underWay.add(work);
    void work.then(() => underWay.delete(work));
    if (underWay.size >= IN_FLIGHT) await Promise.race(underWay);
    // Those behind a line that was refused would most often be refused, too.
    if (failure !== undefined) break;
  }
  await Promise.all(underWay);
  context.stop.throwIfAborted();
  if (!json) await context.output.say({}, `sent: ${counted(done, 'message')}`);
  if (failure !== undefined) throw failure;
}

/** @throws RestanteError as the library, and TimeoutError if a receipt is missing */
async function send(
  client: Client,
  { stop }: Context,
  names: readonly string[],
  text: string,
  { durable, wait, timeout }: SendOptions,
  id: string | undefined,
): Promise<Sent> {
  const receipt = wait === 'acked';
  const sent = await client.send(names, text, { id, durable: durable || wait === 'held', receipt, signal: stop });
  if (!receipt) return sent;
  try {
    await sent.acked({ timeout: timeout * 1000, signal: stop });
  } catch (cause) {
    if (!(cause instanceof TimeoutError)) throw cause;
    const states = statesOf(sent).join(', ');
    const late = `no receipt within ${timeout} s: message ${sent.id} was accepted (${states})`;
    throw new TimeoutError(`${late}, and may be acknowledged later`, { cause });
  }
  return sent;
}

function withLine(error: unknown, line: number, url: string): unknown {
  if (!(error instanceof RestanteError)) return error;
  const { code, message } = failureOf(error, url);
  return new RestanteError(code, `line ${line}: ${message}`);
}

function asObject({ id, to, duplicate }: Sent, { wait }: SendOptions): Readonly<Record<string, unknown>> {
  return { type: 'sent', id, to, duplicate, ...(wait === 'acked' && { acked: true }) };
}

function asText(sent: Sent, { wait }: SendOptions): string {
  return wait === 'acked' ? `acknowledged: ${Object.keys(sent.to).join(', ')}` : statesOf(sent).join(', ');
}

function statesOf({ to }: Sent): readonly string[] {
  return Object.entries(to).map(([name, state]) => `${name}: ${state}`);
}
