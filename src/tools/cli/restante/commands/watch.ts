/** The `watch` command: who comes and goes. */
import type { Context } from '../context.ts';
import { openSession } from '../session.ts';
import { example } from '../values.ts';

/** Adds the command. */
export function addWatch(context: Context): void {
  context.program
    .command('watch')
    .description('tell when names come and go, until Ctrl-C')
    .argument('<name...>', 'the names')
    .addHelpText('after', example('restante watch alice bob'))
    .action(async (names: readonly string[]) => {
      await using client = await openSession(context, { name: context.options.name, stays: true });
      for await (const { name, here, time } of client.watch(names, { signal: context.stop })) {
        const when = time === undefined ? '' : `${new Date(time).toISOString()} `;
        await context.output.say(
          { type: 'presence', name, here, time },
          `${when}${name} is ${here ? 'here' : 'not here'}`,
        );
      }
    });
}
