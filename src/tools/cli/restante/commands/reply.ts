/** The `reply` command: it answers each message with what a command of the user prints. */
import { type Message, RefusedError } from '../../../library/index.ts';
import type { Context } from '../context.ts';
import { openSession } from '../session.ts';
import { handTo } from '../shell.ts';
import { count, example } from '../values.ts';

/** Others of the same name get what this one has not begun. */
const WINDOW = 1;

interface ReplyOptions {
  readonly exec: string;
  readonly count?: number;
}

/** Adds the command. */
export function addReply(context: Context): void {
  context.program
    .command('reply')
    .description('answer each message with what a command prints')
    .argument('<name>', 'the name to receive under')
    .requiredOption('--exec <command>', 'gets each message on its standard input; its failure ends the session')
    .option('--count <n>', 'end after so many messages', count)
    .addHelpText(
      'after',
      `\nThe command has RESTANTE_FROM, RESTANTE_SEQ and RESTANTE_ID in its environment.
${example("restante reply clock --exec 'date +%H:%M'")}`,
    )
    .action((name: string, options: ReplyOptions) => reply(context, name, options));
}

async function reply(context: Context, name: string, options: ReplyOptions): Promise<void> {
  const { output, stop } = context;
  let left = options.count ?? Number.POSITIVE_INFINITY;
  await using client = await openSession(context, { name, window: WINDOW, stays: true });
  for await (const message of client.messages({ signal: stop })) {
    const answer = await handTo(options.exec, message, 'caller', stop);
    const sent = await answered(message, answer.replace(/\r?\n$/, ''), stop);
    message.ack();
    const { seq, from } = message;
    await output.say({ type: 'replied', seq, from, sent }, sent ? `replied to ${from}` : `${from} is gone: no reply`);
    if (--left === 0) return;
  }
}

/** @returns false if the name that has asked is not known any more, as after a request that gave up */
async function answered(message: Message, answer: string, stop: AbortSignal): Promise<boolean> {
  try {
    await message.reply(answer, { signal: stop });
    return true;
  } catch (error) {
    if (error instanceof RefusedError && error.code === 'unknown') return false;
    throw error;
  }
}
