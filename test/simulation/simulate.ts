import { setImmediate as endOfTurn } from 'node:timers/promises';
import { Run } from './life/run.ts';

export interface SimulationOptions {
  /** The only seed to run. Without it, seeds are run one after another for `seconds`. */
  readonly seed?: number;
  readonly steps: number;
  readonly seconds: number;
}

const SEEDS = 2 ** 31;
const SAY_EVERY_MS = 5_000;

/**
 * Runs lives of the simulated broker, and reports the result.
 * @returns false if a check failed in a life; its seed and step have then been reported
 */
export async function simulate(options: SimulationOptions, say: (line: string) => void): Promise<boolean> {
  const begun = performance.now();
  const sums = { lives: 0, steps: 0, delivered: 0 };
  let seed = options.seed ?? Math.floor(Math.random() * SEEDS);
  let saidAt = begun;
  for (;;) {
    await endOfTurn(); // nothing of one life may run in the next
    const run = new Run(seed);
    try {
      for (let step = 0; step < options.steps; step++) await run.step();
      await run.finish();
    } catch (error) {
      say(`seed ${seed} fails at step ${run.steps}: ${error instanceof Error ? error.stack : String(error)}`);
      say(`replay it: npm run simulate -- --seed ${seed} --steps ${options.steps}`);
      return false;
    }
    sums.lives++;
    sums.steps += run.steps;
    sums.delivered += run.ledger.taken.size;
    if (options.seed !== undefined || performance.now() - begun > options.seconds * 1000) break;
    if (performance.now() - saidAt > SAY_EVERY_MS) {
      saidAt = performance.now();
      say(`${sums.lives} lives so far`);
    }
    seed = (seed + 1) % SEEDS;
  }
  say(
    `${sums.lives} lives, ${sums.steps} steps, ${sums.delivered} messages delivered: nothing lost, repeated or disordered`,
  );
  return true;
}
