/**
 * The swarm: many named clients that send messages to each other through a broker, leave and come back. They check that
 * no message is lost, repeated or out of order. Its files:
 *
 *   program.ts           from the command line to the report
 *   options.ts           the command line and the environment
 *   wait-for-broker.ts   waits until the broker answers
 *   run.ts               the threads and the stages of a run; task.ts is the messages between threads
 *   progress.ts          the progress of a run; report.ts is its result
 *   ../../../workers/swarm/  a thread of clients: thread.ts; member.ts is one of them, ledger.ts the checks
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runSwarm } = await import('./program.ts');
await runSwarm(stop);
