/**
 * The command line of the simulation. `npm run simulate -- --seed S --steps N` replays a seed. Without a seed it tries
 * one seed after another for a time.
 */
import { Command, InvalidArgumentError } from 'commander';
import { simulate } from './simulate.ts';

function whole(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError('a whole number');
  return value;
}

const options = new Command('simulate')
  .description(
    'lets a simulated broker live through random faults, and checks that no mail is lost, repeated or disordered',
  )
  .option('--seed <number>', 'the seed to replay (default: one after another, from a random one)', whole)
  .option('--steps <number>', 'steps of one life', whole, 2_000)
  .option('--seconds <number>', 'without --seed: how long to try seeds', whole, 20)
  .parse()
  .opts<{ seed?: number; steps: number; seconds: number }>();

process.exitCode = (await simulate(options, (line) => console.log(line))) ? 0 : 1;
