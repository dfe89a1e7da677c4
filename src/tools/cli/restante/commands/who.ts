/** The `who` command: what the broker knows of names. */
import { counted, isoTime } from '../../../../shared/common/text.ts';
import type { NameInfo } from '../../../library/index.ts';
import type { Context } from '../context.ts';
import { openSession } from '../session.ts';
import { example } from '../values.ts';

/** Adds the command. */
export function addWho(context: Context): void {
  context.program
    .command('who')
    .description('whether names are here, and how much mail waits for them')
    .argument('<name...>', 'the names')
    .addHelpText('after', example('restante who alice bob'))
    .action(async (names: readonly string[]) => {
      await using client = await openSession(context, { name: context.options.name, stays: false });
      for (const info of await client.who(names, { signal: context.stop })) {
        await context.output.say({ type: 'who', ...info }, infoAsText(info));
      }
    });
}

/** What is known of a name, in words. */
export function infoAsText({ name, here, since, waiting = 0 }: NameInfo): string {
  const mail = waiting === 0 ? '' : `: ${counted(waiting, 'message')} ${waiting === 1 ? 'waits' : 'wait'}`;
  if (here) return `${name} is here${mail}`;
  return since === undefined ? `${name} is unknown` : `${name} is away since ${isoTime(since)}${mail}`;
}
