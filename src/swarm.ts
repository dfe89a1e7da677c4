/**
 * The project's own client: many named clients that write to each other through a broker, leave and come back, and
 * check that nothing was lost, repeated or disordered. File by file:
 *
 *   swarm/options.ts   the command line and the environment
 *   swarm/reach.ts     waits for the broker to come up
 *   swarm/run.ts       the threads, the stages of a run; swarm/task.ts is what is said between the two
 *   swarm/progress.ts  how it is going;  swarm/report.ts  how it went
 *   ../workers/        swarm.ts is a thread, swarm-member.ts one client in it, swarm-ledger.ts the checks,
 *                      swarm-mail.ts what the clients say, client.ts a connection of the plain session
 */
import { EXIT_FAILED } from './errors.ts';
import { readOptions, type SwarmOptions } from './swarm/options.ts';
import { showProgress } from './swarm/progress.ts';
import { reachBroker } from './swarm/reach.ts';
import { asJson, asTable, type Report } from './swarm/report.ts';
import { SwarmRun } from './swarm/run.ts';
import { SwarmError } from './swarm/task.ts';

/** One Ctrl-C can arrive twice, from the terminal and from npm; only a later one is a second wish. */
const SAME_SIGNAL_MS = 500;
const EXIT_INTERRUPTED = 130;

/** The first signal aborts what is returned, a second one ends the process. */
function stopOnSignals(): AbortSignal & Disposable {
  const controller = new AbortController();
  let firstAt: number | undefined;
  const onSignal = () => {
    const now = performance.now();
    if (firstAt === undefined) {
      firstAt = now;
      controller.abort();
    } else if (now - firstAt > SAME_SIGNAL_MS) process.exit(EXIT_INTERRUPTED);
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  return Object.assign(controller.signal, {
    [Symbol.dispose]() {
      process.off('SIGINT', onSignal);
      process.off('SIGTERM', onSignal);
    },
  });
}

async function runToReport(options: SwarmOptions): Promise<Report> {
  const { host, port } = options;
  using stop = stopOnSignals();
  await reachBroker(host, port, stop, (reason) => console.error(`swarm: waiting for ${host}:${port} (${reason})`));
  const run = new SwarmRun(options, stop);
  using _progress = showProgress(options, () => run.progress);
  return await run.run();
}

async function main(): Promise<void> {
  const options = readOptions(process.argv);
  if (typeof options === 'number') {
    process.exitCode = options;
    return;
  }
  const report = await runToReport(options);
  console.log(options.json ? asJson(report) : asTable(report));
  if (report.failure === undefined) return;
  console.error(`swarm: failed: ${report.failure}`);
  process.exitCode = EXIT_FAILED;
}

try {
  await main();
} catch (error) {
  if (error instanceof SwarmError) console.error(`swarm: ${error.message}`);
  else console.error('swarm:', error);
  process.exitCode = EXIT_FAILED;
}
