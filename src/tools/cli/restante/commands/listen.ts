/** The `listen` command: it prints messages, or gives each to a command of the user. */
import { Option } from 'commander';
import type { Message } from '../../../library/index.ts';
import type { Context } from '../context.ts';
import { openSession } from '../session.ts';
import { handTo } from '../shell.ts';
import { count, example } from '../values.ts';

/** The messages that the broker may send before the first is acknowledged. */
const WINDOW = 256;

interface ListenOptions {
  readonly count?: number;
  readonly exec?: string;
  readonly ack: 'after' | 'before';
}

/** Adds the command. */
export function addListen(context: Context): void {
  context.program
    .command('listen')
    .description('print the messages for a name, one a line, or give each to a command')
    .argument('<name>', 'the name to receive under')
    .option('--count <n>', 'end after so many messages', count)
    .option('--exec <command>', 'gets each message on its standard input; its failure ends the session')
    .addOption(
      new Option('--ack <when>', 'whether a message is acknowledged after it is worked off, or before')
        .choices(['after', 'before'])
        .default('after'),
    )
    .addHelpText(
      'after',
      `\nThe command has RESTANTE_FROM, RESTANTE_SEQ and RESTANTE_ID in its environment.
${example('restante listen bob', 'restante listen bob --exec \'echo "$RESTANTE_FROM: $(cat)"\'')}`,
    )
    .action((name: string, options: ListenOptions) => listen(context, name, options));
}

async function listen(context: Context, name: string, options: ListenOptions): Promise<void> {
  let left = options.count ?? Number.POSITIVE_INFINITY;
  await using client = await openSession(context, { name, window: Math.min(left, WINDOW), stays: true });
  for await (const message of client.messages({ signal: context.stop })) {
    if (options.ack === 'before') message.ack();
    await work(context, message, options);
    message.ack();
    if (--left === 0) return;
  }
}

async function work(context: Context, message: Message, { exec }: ListenOptions): Promise<void> {
  const { output, stop } = context;
  if (exec !== undefined) await handTo(exec, message, output.json ? 'stderr' : 'stdout', stop);
  if (output.json || exec === undefined) await output.body(messageAsObject(message), message.body);
}

/** A message for programs. */
export function messageAsObject(message: Message): Readonly<Record<string, unknown>> {
  const { seq, from, id, time, re, held, redelivered, body } = message;
  return { type: 'message', seq, from, id, time, re, held, redelivered, body };
}
