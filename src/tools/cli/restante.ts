#!/usr/bin/env node
/**
 * The command line `restante`: a client in a terminal and in scripts. It hands `serve`, `config`, `reload`,
 * `health`, `mail` and `swarm` on to the programs that do that. Its other files:
 *
 *   restante/program.ts   the commands, and how they end
 *   restante/commands/    one file a command
 *   restante/session.ts   the connection to the broker
 *   restante/output.ts    standard output, for people and as JSON; failures.ts is the errors
 *   restante/shell.ts     runs the command of a user for a message
 *   restante/memory-settings.ts   what `npm start` sets before it starts a broker
 */
import { StopWish } from '../../shared/common/signals.ts';
import { takeMemorySettings } from './restante/memory-settings.ts';

/** Each has its own options, help and signals. */
const PROGRAMS: Readonly<Record<string, () => Promise<unknown>>> = {
  serve: () => import('../../main.ts'),
  config: () => import('./config.ts'),
  reload: () => import('./reload.ts'),
  health: () => import('./health.ts'),
  mail: () => import('./mail.ts'),
  swarm: () => import('../swarm/main.ts'),
};

const [, , word = ''] = process.argv;
const program = Object.hasOwn(PROGRAMS, word) ? PROGRAMS[word] : undefined;
if (program === undefined) {
  const stop = new StopWish();
  const { runRestante } = await import('./restante/program.ts');
  await runRestante(stop);
} else {
  if (word === 'serve') takeMemorySettings();
  process.argv.splice(2, 1);
  await program();
}
