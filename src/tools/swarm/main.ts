/**
 * The swarm: many named clients that send messages to each other through a broker, leave and come back. They check that
 * no message is lost, repeated or out of order. A part of them are programs. Its files:
 *
 *   program.ts           from the command line to the report
 *   options.ts           the command line and the environment
 *   wait-for-broker.ts   waits until the broker answers
 *   run.ts               the threads and the stages of a run; task.ts is the messages between threads
 *   progress.ts          the progress of a run; report.ts is its result, losses.ts a part of that
 *   ../../../workers/swarm/  a thread of clients: thread.ts is its entry
 */
import { StopWish } from '../../shared/common/signals.ts';

using stop = new StopWish();
const { runSwarm } = await import('./program.ts');
await runSwarm(stop);
