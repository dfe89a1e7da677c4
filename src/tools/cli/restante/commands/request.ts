/** The `request` command: a message, and the reply to it. */
import { randomUUID } from 'node:crypto';
import type { Context } from '../context.ts';
import { openSession } from '../session.ts';
import { example, seconds } from '../values.ts';

const REPLY_SECONDS = 30;

/** Adds the command. */
export function addRequest(context: Context): void {
  context.program
    .command('request')
    .description('send a text, and print the reply')
    .argument('<name>', 'who is asked')
    .argument('<text>', 'the message')
    .option('--timeout <seconds>', 'how long it waits for the reply', seconds, REPLY_SECONDS)
    .addHelpText('after', example('restante request bob "what time is it?" --timeout 5'))
    .action(async (to: string, text: string, { timeout }: { readonly timeout: number }) => {
      // A reply needs a name to come to. The broker does not remember one that begins with a tilde.
      const name = context.options.name ?? `~request-${randomUUID().slice(0, 8)}`;
      await using client = await openSession(context, { name, stays: false });
      const body = await client.request(to, text, { timeout: timeout * 1000, signal: context.stop });
      await context.output.body({ type: 'reply', from: to, body }, body);
    });
}
