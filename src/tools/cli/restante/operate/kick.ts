/** The `kick` command: it ends connections of a broker that runs. */
import type { Context } from '../context.ts';
import { count, example } from '../values.ts';
import { brokerOf, withToken } from './broker.ts';

/** Adds the command. */
export function addKick(context: Context): void {
  const command = context.program
    .command('kick')
    .description('end connections of a broker that runs; their mail waits again')
    .argument('<id...>', 'their numbers, as "restante connections" shows them', (text: string, ids: number[] = []) => [
      ...ids,
      count(text),
    ])
    .addHelpText('after', example('restante kick 17'));
  withToken(command).action(async (ids: readonly number[], options: { readonly token?: string }) => {
    const api = brokerOf(context, options);
    for (const id of ids) {
      await api.ask(`/connections/${id}/kick`, 'POST');
      await context.output.say({ type: 'kicked', id }, `kicked: ${id}`);
    }
  });
}
