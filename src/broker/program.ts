/** The broker as a program: it reads the settings, starts, stops at a signal, and sets the exit code. */
import { Command } from 'commander';
import { told } from '../shared/codes/log-line.ts';
import { type Config, reachableHost, readConfig, SETTINGS, settingsHelp } from '../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from '../shared/common/errors.ts';
import { createLog, type Log, say } from '../shared/common/log/log.ts';
import { forgiveStandardStreams } from '../shared/common/log/outlet.ts';
import { nearNames } from '../shared/common/near-names.ts';
import type { StopWish } from '../shared/common/signals.ts';
import { commandFor } from '../shared/common/text.ts';
import { OWNER_ALONE_UMASK } from '../store/folder.ts';
import { Broker } from './broker.ts';
import { boundText, memoryBound } from './memory-bound.ts';

/** How long the process waits at its end until its last output has been written. */
const LAST_WORDS_MS = 500;

/**
 * Runs the broker until a signal stops it. Sets the exit code of the process, which then ends by itself.
 * @param stop the signals that were caught since the first line of the program
 */
export async function runBroker(stop: StopWish): Promise<void> {
  forgiveStandardStreams();
  // Held mail is private to its owner. The umask also holds for every file that LevelDB makes later.
  process.umask(OWNER_ALONE_UMASK);
  try {
    parseArguments();
    const config = readConfig(process.env);
    const log = createLog(config.LOG_LEVEL);
    warnOfNearNames(log);
    await serve(config, log, stop);
  } catch (error) {
    if (error instanceof StartError) console.error(`restante: ${error.message}`);
    else console.error('restante:', error);
    process.exitCode = error instanceof StartError ? error.exitCode : EXIT_FAILED;
  }
  // From here on a signal ends the process at once, and unread output does not keep it alive.
  stop[Symbol.dispose]();
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}

function parseArguments(): void {
  new Command(commandFor('serve'))
    .description('Restante, a message broker for named peers. Settings are environment variables.')
    .addHelpText('after', `\nSettings (environment variable, default, meaning):\n${settingsHelp()}\n`)
    .addHelpText('after', 'A size is a number of bytes, or such as 64KiB, 16MiB, 1GiB.')
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_BAD_SETTING))
    .parse();
}

function warnOfNearNames(log: Log): void {
  for (const near of nearNames(process.env, Object.keys(SETTINGS))) say(log, told('NEAR_NAME', near));
}

async function serve(config: Config, log: Log, stop: StopWish): Promise<void> {
  void stop.first.then((signal) => log.info({ signal }, 'stopping'));
  stop.cutShort = (signal) => {
    log.warn({ signal }, 'stopping at once: what is not drained is lost');
    process.exit(EXIT_FAILED);
  };
  const broker = await startedUnless(stop, config, log);
  if (broker !== undefined) {
    sayServing(config, broker, log);
    await Promise.race([stop.first, broker.view.admin.drainWished]);
    if (!(await stopped(broker, log))) return;
  }
  log.info('stopped');
}

/** @returns false if mail was lost, which has been logged then */
async function stopped(broker: Broker, log: Log): Promise<boolean> {
  try {
    await broker.stop();
    return true;
  } catch (error) {
    log.fatal({ err: error }, 'could not stop');
    process.exitCode = EXIT_FAILED;
    return false;
  }
}

/** @returns undefined if a signal came before the broker served; the start has been undone then */
async function startedUnless(stop: StopWish, config: Config, log: Log): Promise<Broker | undefined> {
  try {
    return await Broker.start(config, log, stop.signal);
  } catch (error) {
    if (error === stop.signal.reason) return undefined;
    throw error;
  }
}

function sayServing(config: Config, broker: Broker, log: Log): void {
  const { host, port } = broker.address;
  log.info(
    { host, port, shards: config.SHARDS },
    `listening on ${host}:${port} with ${config.SHARDS} shard${config.SHARDS === 1 ? '' : 's'}`,
  );
  log.info(memoryBound(config), boundText(config));
  if (broker.httpUrl !== undefined)
    log.info(`open ${broker.httpUrl}/ to chat and to watch; for programs: /readyz, /metrics`);
  log.info(`try it: nc ${reachableHost(host)} ${port}   (first line: your name; then "name, name: message")`);
}
