/**
 * Measures live messages: the broker side by side with others, and with a relay that does nothing else. File by file,
 * in the order of a run:
 *
 *   live/options.ts  the command line; workloads.ts the workloads; rounds.ts who has its turn when
 *   live/measure.ts  one measurement: a server (servers.ts, relay-process.ts) and a generator's process
 *   live/job.ts      what the generator is told, and what it answers
 *   live/generator/  generator.ts is the process; crowd.ts its peers (connection.ts); route.ts who sends to whom;
 *                    outgoing.ts, payload.ts what; framing.ts, checker.ts what comes of it; protocols/ is what stands
 *                    around a payload, a file for each protocol; acks/ has all this for messages that are
 *                    acknowledged: ack-crowd.ts its peers, wire.ts a connection, the others a protocol each
 *   live/report.ts   the table; machine.ts what it was measured on
 */
import { writeFileSync } from 'node:fs';
import { exitOnSignals } from './common/children.ts';
import { describeMachine } from './live/machine.ts';
import { type LiveOptions, readLiveOptions } from './live/options.ts';
import { asJson, asTable, generatorWords } from './live/report.ts';
import { runRounds, wrongOf } from './live/rounds.ts';
import { missingProgram } from './live/servers.ts';

const EXIT_WRONG = 1;
const MAX_WRONG_LINES = 20;

async function main(options: LiveOptions): Promise<void> {
  exitOnSignals();
  const machine = describeMachine(options.tree);
  const missing = options.peers.flatMap((peer) => missingProgram(peer) ?? []);
  const peers = options.peers.filter((peer) => missingProgram(peer) === undefined);
  const results = await runRounds(options, peers, (progress) => console.error(`bench: ${progress}`));
  console.log(
    `Node ${machine.node}, ${machine.cores} cores of ${machine.cpu}, commit ${machine.commit}; medians of ` +
      `${options.rounds}, ${options.seconds} s each at most${options.quick ? '; a quick run' : ''}\n`,
  );
  console.log(`${asTable(results)}\n`);
  console.log(generatorWords(results));
  console.log(missing.length === 0 ? 'No rival was missing.' : `Not found, and left out: ${missing.join(', ')}.`);
  if (options.json !== undefined) writeFileSync(options.json, `${asJson(machine, options, missing, results)}\n`);
  const wrong = wrongOf(results);
  if (wrong.length === 0) return;
  console.error(`\nbench: wrong:\n${wrong.slice(0, MAX_WRONG_LINES).join('\n')}`);
  process.exitCode = EXIT_WRONG;
}

const options = readLiveOptions(process.argv);
if (typeof options === 'number') process.exitCode = options;
else await main(options);
