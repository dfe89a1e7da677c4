/**
 * The rounds: every peer has its turn in each workload, again and again, so that what disturbs the machine disturbs
 * all.
 */
import type { PeerName } from './generator/protocols/all.ts';
import type { Measured } from './job.ts';
import { measure } from './measure.ts';
import type { LiveOptions } from './options.ts';
import { takesPart, WORKLOADS, type Workload, type WorkloadName } from './workloads.ts';

/** What one peer did in one workload. */
export interface Result {
  readonly workload: WorkloadName;
  readonly peer: PeerName;
  /** One for each round that did not fail. */
  readonly rounds: Measured[];
  readonly failures: string[];
}

/** @param say is told what is being measured */
export async function runRounds(
  options: LiveOptions,
  peers: readonly PeerName[],
  say: (progress: string) => void,
): Promise<Result[]> {
  const results: Result[] = options.only.flatMap((workload) =>
    peers.filter((peer) => takesPart(workload, peer)).map((peer) => ({ workload, peer, rounds: [], failures: [] })),
  );
  for (let round = 1; round <= options.rounds; round++) {
    for (const [index, result] of results.entries()) {
      const { workload, peer } = result;
      say(`round ${round} of ${options.rounds}, ${index + 1} of ${results.length}: ${workload}, ${peer}`);
      await runOne(options, result);
    }
  }
  return results;
}

async function runOne(options: LiveOptions, result: Result): Promise<void> {
  const { times }: Workload = WORKLOADS[result.workload];
  const warmUpSeconds = times?.warmUp ?? options.warmUp;
  const seconds = Math.min(options.seconds, times?.maxSeconds ?? options.seconds);
  try {
    const load = options.loads[result.workload];
    result.rounds.push(await measure(result.peer, load, { warmUpSeconds, seconds }, options));
  } catch (error) {
    result.failures.push(error instanceof Error ? error.message : String(error));
  }
}

/** All that went wrong, in words. */
export function wrongOf(results: readonly Result[]): string[] {
  return results.flatMap(({ workload, peer, rounds, failures }) => {
    const told = [...failures, ...rounds.flatMap(({ wrong }) => wordsOf(wrong))];
    return told.map((what) => `${workload}, ${peer}: ${what}`);
  });
}

function wordsOf({ changed, repeated, disordered, lost, examples }: Measured['wrong']): string[] {
  if (changed + repeated + disordered + lost === 0) return [];
  return [`${lost} lost, ${repeated} repeated, ${disordered} disordered, ${changed} changed`, ...examples];
}
