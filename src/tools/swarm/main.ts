/**
 * The project's own client: many named clients that write to each other through a broker, leave and come back, and
 * check that nothing was lost, repeated or disordered. File by file:
 *
 *   swarm/program.ts   from the command line to the report
 *   swarm/options.ts   the command line and the environment
 *   swarm/reach.ts     waits for the broker to come up
 *   swarm/run.ts       the threads, the stages of a run; swarm/task.ts is what is said between the two
 *   swarm/progress.ts  how it is going;  swarm/report.ts  how it went
 *   ../workers/        swarm.ts is a thread, swarm-member.ts one client in it, swarm-ledger.ts the checks,
 *                      swarm-mail.ts what the clients say, client.ts a connection of the plain session
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runSwarm } = await import('./program.ts');
await runSwarm(stop);
