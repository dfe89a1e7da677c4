/** The broker as a program: it reads the settings, starts, stops at a signal, and sets the exit code. */
import { Command } from 'commander';
import { told } from '../shared/codes/log-line.ts';
import { nearNames } from '../shared/common/config/near-names.ts';
import { CONFIG_VARIABLE, configFile, readSources } from '../shared/common/config/sources.ts';
import { type Config, reachableHost, SETTINGS, settingsHelp } from '../shared/common/config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from '../shared/common/errors.ts';
import { createLog, type Log, say } from '../shared/common/log/log.ts';
import { forgiveStandardStreams } from '../shared/common/log/outlet.ts';
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
    const file = configFile(parseArguments().config, process.env);
    const read = async () => (await readSources(process.env, file)).config;
    const config = await read();
    const log = createLog(config.LOG_LEVEL);
    warnOfNearNames(log);
    await serve({ config, read }, log, stop);
  } catch (error) {
    if (error instanceof StartError) console.error(error.message.replace(/^/gm, 'restante: '));
    else console.error('restante:', error);
    process.exitCode = error instanceof StartError ? error.exitCode : EXIT_FAILED;
  }
  // From here on a signal ends the process at once, and unread output does not keep it alive.
  stop[Symbol.dispose]();
  setTimeout(() => process.exit(), LAST_WORDS_MS).unref();
}

/** The settings that the broker starts with, and what reads them again. */
interface Source {
  readonly config: Config;
  readonly read: () => Promise<Config>;
}

function parseArguments(): { readonly config?: string } {
  return new Command(commandFor('serve'))
    .description('Restante, a message broker for named peers. Settings are environment variables, or in a file.')
    .option('--config <file>', `a file of settings, in TOML; the environment wins (${CONFIG_VARIABLE} names one too)`)
    .addHelpText('after', `\nSettings (environment variable, default, meaning):\n${settingsHelp()}\n`)
    .addHelpText('after', 'A size is a number of bytes, or such as 64KiB, 16MiB, 1GiB.')
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_BAD_SETTING))
    .parse()
    .opts();
}

function warnOfNearNames(log: Log): void {
  for (const near of nearNames(process.env, Object.keys(SETTINGS))) say(log, told('NEAR_NAME', near));
}

async function serve(source: Source, log: Log, stop: StopWish): Promise<void> {
  void stop.first.then((signal) => log.info({ signal }, 'stopping'));
  stop.cutShort = (signal) => {
    log.warn({ signal }, 'stopping at once: what is not drained is lost');
    process.exit(EXIT_FAILED);
  };
  const broker = await startedUnless(stop, source, log);
  if (broker !== undefined) {
    sayServing(source.config, broker, log);
    stop.onHangUp(() => void broker.reload());
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
async function startedUnless(stop: StopWish, { config, read }: Source, log: Log): Promise<Broker | undefined> {
  try {
    return await Broker.start(config, log, stop.signal, read);
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
  const secure = broker.ports.secureAddress;
  if (secure !== undefined) log.info(secure, `listening with TLS on ${secure.host}:${secure.port}`);
  log.info(memoryBound(config), boundText(config));
  if (broker.httpUrl !== undefined)
    log.info(`open ${broker.httpUrl}/ to chat and to watch; for programs: /readyz, /metrics`);
  log.info(`try it: nc ${reachableHost(host)} ${port}   (first line: your name; then "name, name: message")`);
}
