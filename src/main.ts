/**
 * The broker's entry: settings, signals, exit code. Where a message travels, file by file:
 *
 *   server.ts    accepts a connection and gives it a number; socket.ts is what of a socket only its handle gives
 *   session.ts   reads its bytes; line-reader.ts cuts them into lines, lines.ts a line into destinations and message;
 *                first-line.ts and strict-line.ts let pass only what deceives nobody, commands.ts knows what is asked of us
 *   router.ts    finds the shard of each destination by channel/hash.ts; lists.ts knows the lists that came before
 *   outbox.ts    gathers records for a shard in one batch (channel/), posts it, and holds senders back
 *   shards.ts    the threads, their ports, their supervisor
 *   ../workers/  broker.ts is a shard's thread, shard.ts decides: deliver now, hold, or drop; mailroom.ts has the mail
 *                that waits, journal.ts writes it to the store in groups, tail-reader.ts reads it when its peer is there,
 *                recovery.ts finds it after a start
 *   writer.ts    the one exit to a socket; gives back what it could not write
 *
 * What is read, posted and written lies in one memory that the threads share: memory-plan.ts says what of it is for what, channel/lending.ts whose
 * each buffer is, write-slabs.ts where bytes lie while they are written.
 *
 * Beside the way: notices.ts is all that the broker itself says, answers.ts what comes of a command, presence.ts who is here;
 * store-keeper.ts opens and closes the store for all, reattach.ts tells a new shard what its crashed one
 * knew, window.ts how much a writer may be handed; mail/ is the format of the store and the operator's tool for it.
 */
import { Command } from 'commander';
import { reachableHost, readConfig, settingsHelp } from './config.ts';
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from './errors.ts';
import { createLog, type Log } from './log.ts';
import { Broker } from './server.ts';

/** One Ctrl-C can arrive twice, from the terminal and from npm; only a later one is a second wish. */
const SAME_SIGNAL_MS = 500;

function parseArguments(): void {
  new Command('npm start --')
    .description('Restante, a message broker for named peers. Settings are environment variables.')
    .addHelpText('after', `\nSettings (environment variable, default, meaning):\n${settingsHelp()}\n`)
    .addHelpText('after', 'A size is a number of bytes, or such as 64KiB, 16MiB, 1GiB.')
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : EXIT_BAD_SETTING))
    .parse();
}

function stopOnSignals(broker: Broker, log: Log): void {
  let firstAt: number | undefined;
  const onSignal = (signal: NodeJS.Signals) => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      log.info({ signal }, 'stopping');
      broker.stop().then(
        () => {
          process.off('SIGINT', onSignal);
          process.off('SIGTERM', onSignal);
          log.info('stopped');
        },
        (error: unknown) => {
          log.fatal({ err: error }, 'could not stop');
          process.exitCode = EXIT_FAILED;
        },
      );
    } else if (now - firstAt > SAME_SIGNAL_MS) {
      log.warn({ signal }, 'stopping at once: what is not drained is lost');
      process.exit(EXIT_FAILED);
    }
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
}

async function main(): Promise<void> {
  parseArguments();
  const config = readConfig(process.env);
  const log = createLog(config.LOG_LEVEL);
  const broker = await Broker.start(config, log);
  stopOnSignals(broker, log);
  const { host, port } = broker.address;
  log.info(
    { host, port, shards: config.SHARDS },
    `listening on ${host}:${port} with ${config.SHARDS} shard${config.SHARDS === 1 ? '' : 's'}`,
  );
  log.info(`try it: nc ${reachableHost(host)} ${port}   (first line: your name; then "name, name: message")`);
}

try {
  await main();
} catch (error) {
  if (error instanceof StartError) console.error(`restante: ${error.message}`);
  else console.error('restante:', error);
  process.exitCode = error instanceof StartError ? error.exitCode : EXIT_FAILED;
}
