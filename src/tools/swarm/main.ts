/**
 * The project's own client: many named clients that write to each other through a broker, leave and come back, and
 * check that nothing was lost, repeated or disordered. File by file:
 *
 *   program.ts           from the command line to the report
 *   options.ts           the command line and the environment
 *   wait-for-broker.ts   waits until the broker answers
 *   run.ts               the threads and the stages of a run; task.ts is what crosses between the two
 *   progress.ts          how the run is going; report.ts how it went
 *   ../../../workers/swarm/  a thread of clients: thread.ts; member.ts is one of them, ledger.ts the checks
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runSwarm } = await import('./program.ts');
await runSwarm(stop);
