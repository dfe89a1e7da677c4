/** The command line as a program: its commands, the options that all have, and the exit code. */
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { EXIT_BAD_SETTING } from '../../../shared/common/errors.ts';
import { forgiveStandardStreams } from '../../../shared/common/log/outlet.ts';
import type { StopWish } from '../../../shared/common/signals.ts';
import { escaped } from '../../../shared/common/text.ts';
import { ownVersion } from '../../../shared/version.ts';
import { addAccount } from './commands/access/account.ts';
import { addToken } from './commands/access/token.ts';
import { addBench } from './commands/bench.ts';
import { addCerts } from './commands/certs/certs.ts';
import { addChat } from './commands/chat/chat.ts';
import { addCompletion } from './commands/completion.ts';
import { addErrors } from './commands/errors.ts';
import { addListen } from './commands/listen.ts';
import { addReply } from './commands/reply.ts';
import { addRequest } from './commands/request.ts';
import { addSend } from './commands/send/send.ts';
import { addWatch } from './commands/watch.ts';
import { addWho } from './commands/who.ts';
import { Context } from './context.ts';
import { failureOf, isUnread } from './failures.ts';
import { addBackup } from './operate/backup/backup.ts';
import { addConnections } from './operate/connections.ts';
import { addKick } from './operate/kick.ts';
import { addTop } from './operate/top.ts';
import { withVariable } from './values.ts';

const DEFAULT_URL = 'tcp://127.0.0.1:8080';
/** The exit code after a signal is this plus the number of the signal, as in a shell. */
const EXIT_SIGNAL = 128;
/** How long the process waits at its end for a handle that is still open. */
const LAST_HANDLE_MS = 500;

/** The programs that restante.ts starts before any option of this file is read. */
const HANDED_ON: Readonly<Record<string, string>> = {
  serve: 'run a broker; settings are environment variables, or in a file',
  config: 'the settings: check them, print those in force, list all',
  reload: 'have a running broker read its settings again',
  health: 'whether a broker answers at HOST and PORT',
  mail: 'held mail: look at it, delete it, mend its store',
  swarm: 'many clients that check that nothing is lost',
};

/** @returns the whole command line. @param stop ends its commands */
export function commandLine(stop: AbortSignal): Context {
  const program = new Command('restante')
    .description('Messages between names, through a Restante broker.')
    .addOption(
      withVariable(
        '--url <address>',
        'the broker: tcp://host:port; of its HTTP for connections, kick, top and backup',
        'RESTANTE_URL',
      ).default(DEFAULT_URL),
    )
    .addOption(withVariable('--name <name>', 'your name, for commands that do not take it', 'RESTANTE_NAME'))
    .addOption(withVariable('--token <token>', 'what proves your name', 'RESTANTE_TOKEN'))
    .option('--json', 'one JSON object a line on standard output', false)
    .version(ownVersion(), '--version', 'print the version')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nExit code: 0 done; 1 refused or lost; 2 wrong use; 130 after Ctrl-C.')
    .exitOverride();
  const context = new Context(program, stop);
  const parts = [
    addSend,
    addListen,
    addRequest,
    addReply,
    addWho,
    addWatch,
    addChat,
    addBench,
    addConnections,
    addKick,
    addTop,
    addBackup,
    addCerts,
    addErrors,
    addAccount,
    addToken,
  ];
  for (const add of parts) add(context);
  for (const [name, description] of Object.entries(HANDED_ON)) {
    program
      .command(name)
      .description(description)
      .argument('[arguments...]')
      .allowUnknownOption()
      .action(() => program.error(`error: "${name}" must be the first word: restante ${name}`));
  }
  addCompletion(context);
  for (const command of program.commands) command.allowExcessArguments(false);
  return context;
}

/**
 * Runs the command line. Sets the exit code of the process.
 * @param stop ends the command in order; a second signal ends the process
 */
export async function runRestante(stop: StopWish): Promise<void> {
  forgiveStandardStreams();
  const interrupted = (signal: NodeJS.Signals) => EXIT_SIGNAL + constants.signals[signal];
  stop.cutShort = (signal) => process.exit(interrupted(signal));
  const context = commandLine(stop.signal);
  try {
    await context.program.parseAsync();
  } catch (error) {
    if (stop.signal.aborted) {
      console.error(`${process.stderr.isTTY ? '\n' : ''}restante: interrupted`);
      process.exitCode = interrupted(await stop.first);
    } else if (!isUnread(error)) process.exitCode = await told(error, context);
  }
  stop[Symbol.dispose]();
  setTimeout(() => process.exit(), LAST_HANDLE_MS).unref();
}

/** Tells what went wrong. @returns the exit code */
async function told(error: unknown, { options, output }: Context): Promise<number> {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_BAD_SETTING;
  const { code, message, exitCode } = failureOf(error, options.url);
  if (options.json) await output.say({ type: 'error', code, message }, '').catch(() => undefined);
  else console.error(`restante: ${escaped(message)}`);
  return exitCode;
}
