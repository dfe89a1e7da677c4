/** The mail tool as a program: its commands, their options, and the exit code. */
import { constants } from 'node:os';
import { Command, CommanderError } from 'commander';
import { SETTINGS } from '../../../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, messageOf } from '../../../shared/common/errors.ts';
import type { StopWish } from '../../../shared/common/signals.ts';
import { commandFor } from '../../../shared/common/text.ts';
import type { Database } from '../../../store/database.ts';
import type { Watch } from '../../../store/entries.ts';
import { OWNER_ALONE_UMASK } from '../../../store/folder.ts';
import { AdminApi, DEFAULT_HTTP_URL } from '../admin/api.ts';
import { withVariable } from '../restante/values.ts';
import { listMail } from './list.ts';
import { showProgress, watching } from './progress.ts';
import { purge } from './purge.ts';
import { repair } from './repair.ts';
import { listAsTable, nothingFor, purgedAsLine, repairedAsLines, shownAsLine, verdictAsLines } from './report.ts';
import { listRunning, openMail, purgeRunning, showRunning } from './running.ts';
import { isKnown, mailOf } from './show.ts';
import { verify } from './verify.ts';

/** The exit code after a signal is this plus the number of the signal, as in a shell. */
const EXIT_SIGNAL = 128;

interface Options {
  readonly dataDir: string;
  readonly url?: string;
  readonly token?: string;
  /** Whether the output is JSON rather than text. */
  readonly json: boolean;
}

/** Looks for the mail in the folder, or with the broker that has it. */
function opened(program: Command): Promise<Database | AdminApi> {
  const { dataDir, url, token } = program.opts<Options>();
  const isUsualFolder = program.getOptionValueSource('dataDir') === 'default';
  return openMail({ dataDir, isUsualFolder, url, token });
}

async function list(program: Command, { json }: Options): Promise<void> {
  const place = await opened(program);
  if (place instanceof AdminApi) return await listRunning(place, json);
  await using db = place;
  const found = await listMail(db);
  console.log(json ? JSON.stringify(found) : listAsTable(found));
}

async function show(program: Command, name: string, { json }: Options): Promise<void> {
  const place = await opened(program);
  if (place instanceof AdminApi) return await showRunning(place, name, json);
  await using db = place;
  await (json ? showAsJson(db, name) : showAsLines(db, name));
}

async function showAsLines(db: Database, name: string): Promise<void> {
  const bytes = Buffer.from(name);
  let any = false;
  for await (const message of mailOf(db, bytes)) {
    any = true;
    console.log(shownAsLine(message));
  }
  if (!any) console.log(nothingFor(name, await isKnown(db, bytes)));
}

/** Prints one array, an element a line, because a mailbox can be larger than the longest string. */
async function showAsJson(db: Database, name: string): Promise<void> {
  let before = '[';
  for await (const message of mailOf(db, Buffer.from(name))) {
    console.log(before + JSON.stringify(message));
    before = ',';
  }
  console.log(before === '[' ? '[]' : ']');
}

async function purgeName(program: Command, name: string, { json }: Options): Promise<void> {
  const place = await opened(program);
  if (place instanceof AdminApi) return await purgeRunning(place, name, json);
  await using db = place;
  const purged = await purge(db, Buffer.from(name), Math.floor(Date.now() / 1000));
  console.log(json ? JSON.stringify({ name, ...purged }) : purgedAsLine(name, purged));
}

async function verifyStore({ dataDir, json }: Options): Promise<void> {
  const verdict = await withBar((watch) => verify(dataDir, watch));
  console.log(json ? JSON.stringify(verdict) : verdictAsLines(verdict));
  if (!verdict.sound) process.exitCode = EXIT_FAILED;
}

async function repairStore({ dataDir, json }: Options): Promise<void> {
  const done = await withBar((watch) => repair(dataDir, new Date(), watch));
  console.log(json ? JSON.stringify(done) : repairedAsLines(done));
}

async function withBar<T>(work: (watch: Watch) => Promise<T>): Promise<T> {
  using progress = showProgress();
  return await work(watching(progress));
}

function command(): Command {
  const { fallback, help } = SETTINGS.DATA_DIR;
  const program = new Command(commandFor('mail'))
    .description('Held mail: look at it and delete it. While no broker runs, verify and repair the store it lies in.')
    .addOption(withVariable('--data-dir <folder>', help, 'DATA_DIR').default(fallback))
    .addOption(
      withVariable('--url <address>', `HTTP of the broker that runs (${DEFAULT_HTTP_URL})`, 'RESTANTE_HTTP_URL'),
    )
    .addOption(withVariable('--token <token>', 'its ADMIN_TOKEN, or a token of the name', 'RESTANTE_ADMIN_TOKEN'))
    .option('--json', 'JSON on stdout, for programs', false)
    .configureHelp({ showGlobalOptions: true })
    .allowExcessArguments(false)
    .exitOverride();
  const options = () => program.opts<Options>();
  program
    .command('list')
    .description('who has mail, how much, and since when')
    .action(() => list(program, options()));
  program
    .command('show <name>')
    .description('the mail of one name, in order')
    .action((name: string) => show(program, name, options()));
  program
    .command('purge <name>')
    .description('delete the mail of one name; the name stays known')
    .action((name: string) => purgeName(program, name, options()));
  program
    .command('verify')
    .description('read the whole store and say what is wrong with it')
    .action(() => verifyStore(options()));
  program
    .command('repair')
    .description('mend the store; what cannot be read is moved to a file beside it')
    .action(() => repairStore(options()));
  return program.addHelpText('after', '\nExit code: 0 done, and sound; 1 not sound, or refused; 2 a wrong option.');
}

/**
 * Runs the command line. Sets the exit code of the process.
 * @param stop ends the command; the store stays sound, because every command writes in steps that leave it so
 */
export async function runMail(stop: StopWish): Promise<void> {
  // Its files, those of a repair above all, are private to this user.
  process.umask(OWNER_ALONE_UMASK);
  void stop.first.then((signal) => endInterrupted(stop, signal));
  // The reader of the output may stop early, as `head` does. Then there is nothing left to do.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') console.error(`mail: ${error.message}`);
    process.exit(error.code === 'EPIPE' ? process.exitCode : EXIT_FAILED);
  });
  try {
    await command().parseAsync();
  } catch (error) {
    if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : EXIT_BAD_SETTING;
    else {
      console.error(`mail: ${messageOf(error)}`);
      process.exitCode = EXIT_FAILED;
    }
  }
}

function endInterrupted(stop: StopWish, signal: NodeJS.Signals): void {
  // The current step is finished first. A second signal ends the process at once.
  stop[Symbol.dispose]();
  console.error(`${process.stderr.isTTY ? '\n' : ''}mail: interrupted`);
  process.exit(EXIT_SIGNAL + constants.signals[signal]);
}
