/** The swarm as a program, from the command line to the report and the exit code. */
import { EXIT_FAILED } from '../../shared/common/errors.ts';
import { forgiveStandardStreams } from '../../shared/common/log/outlet.ts';
import type { StopWish } from '../../shared/common/signals.ts';
import { readOptions, type SwarmOptions } from './options.ts';
import { showProgress } from './progress.ts';
import { asJson, asTable, type Report } from './report.ts';
import { SwarmRun } from './run.ts';
import { SwarmError } from './task.ts';
import { reachBroker } from './wait-for-broker.ts';

const EXIT_INTERRUPTED = 130;

/**
 * Runs the swarm, and prints its report. Sets the exit code of the process.
 * @param stop ends the sending early; a second signal ends the process
 */
export async function runSwarm(stop: StopWish): Promise<void> {
  forgiveStandardStreams();
  stop.cutShort = () => process.exit(EXIT_INTERRUPTED);
  try {
    await main(stop.signal);
  } catch (error) {
    if (error instanceof SwarmError) console.error(`swarm: ${error.message}`);
    else console.error('swarm:', error);
    process.exitCode = EXIT_FAILED;
  }
}

async function runToReport(options: SwarmOptions, stop: AbortSignal): Promise<Report> {
  const { host, port } = options;
  await reachBroker(host, port, stop, (reason) => console.error(`swarm: waiting for ${host}:${port} (${reason})`));
  const run = new SwarmRun(options, stop);
  using _progress = showProgress(options, () => run.progress);
  return await run.run();
}

async function main(stop: AbortSignal): Promise<void> {
  const options = readOptions(process.argv);
  if (typeof options === 'number') {
    process.exitCode = options;
    return;
  }
  const report = await runToReport(options, stop);
  console.log(options.json ? asJson(report) : asTable(report));
  if (report.failure === undefined) return;
  console.error(`swarm: failed: ${report.failure}`);
  process.exitCode = EXIT_FAILED;
}
