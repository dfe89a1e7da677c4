/** The figures: a table for people, JSON for programs. */
import { markdownTable, median, shown } from '../common/table.ts';
import type { Measured } from './job.ts';
import type { Machine } from './machine.ts';
import type { LiveOptions } from './options.ts';
import { type Result, wrongOf } from './rounds.ts';

type Figures = Omit<Measured, 'wrong'>;

/** A generator that is busier than this is what is measured, not the server. */
const SATURATED = 0.95;
const HEAD = [
  'workload',
  'peer',
  'deliveries/s',
  'ours is',
  'µs CPU/delivery',
  'ours is',
  'p50 µs',
  'p99 µs',
  'p99.9 µs',
  'p99: ours is',
  'peak MiB',
  'server cores',
  'generator cores',
  'generator busy',
  'wrong',
];

/** The middle of each figure over the rounds; undefined if all rounds failed. */
function medians({ rounds }: Result): Figures | undefined {
  if (rounds.length === 0) return undefined;
  const of = (figure: keyof Figures) => median(rounds.map((round) => round[figure]));
  return {
    deliveriesPerSecond: of('deliveriesPerSecond'),
    cpuMicrosecondsPerDelivery: of('cpuMicrosecondsPerDelivery'),
    p50Microseconds: of('p50Microseconds'),
    p99Microseconds: of('p99Microseconds'),
    p999Microseconds: of('p999Microseconds'),
    peakMebibytes: of('peakMebibytes'),
    serverCores: of('serverCores'),
    generatorCores: of('generatorCores'),
    generatorBusy: of('generatorBusy'),
  };
}

/** One row a workload and peer; each ratio is our figure divided by the peer's. */
export function asTable(results: readonly Result[]): string {
  const rows = results.map((result) => {
    const ours = results.find(({ workload, peer }) => workload === result.workload && peer === 'restante');
    return row(result, ours === undefined || ours === result ? undefined : medians(ours));
  });
  return markdownTable(HEAD, rows);
}

function row(result: Result, ours: Figures | undefined): string[] {
  const start = [result.workload, result.peer];
  const theirs = medians(result);
  const wrong = String(wrongDeliveries(result) + result.failures.length);
  if (theirs === undefined) return [...start, 'failed', ...HEAD.slice(4).map(() => ''), wrong];
  const ratio = (figure: keyof Figures) => (ours === undefined ? '' : `${(ours[figure] / theirs[figure]).toFixed(2)}x`);
  return [
    ...start,
    shown(theirs.deliveriesPerSecond),
    ratio('deliveriesPerSecond'),
    shown(theirs.cpuMicrosecondsPerDelivery),
    ratio('cpuMicrosecondsPerDelivery'),
    shown(theirs.p50Microseconds),
    shown(theirs.p99Microseconds),
    shown(theirs.p999Microseconds),
    ratio('p99Microseconds'),
    shown(theirs.peakMebibytes),
    shown(theirs.serverCores),
    shown(theirs.generatorCores),
    `${Math.round(theirs.generatorBusy * 100)} %`,
    wrong,
  ];
}

function wrongDeliveries({ rounds }: Result): number {
  return rounds.reduce((sum, { wrong }) => sum + wrong.changed + wrong.repeated + wrong.disordered + wrong.lost, 0);
}

/** How busy the generator was, and where it, not the server, may have set the rate. */
export function generatorWords(results: readonly Result[]): string {
  const measured = results.flatMap((result) => {
    const figures = medians(result);
    return figures === undefined ? [] : [{ ...figures, what: `${result.workload} ${result.peer}` }];
  });
  if (measured.length === 0) return 'The generator measured nothing.';
  const cores = measured.map(({ generatorCores }) => generatorCores);
  const range = `The generator used ${Math.min(...cores).toFixed(2)} to ${Math.max(...cores).toFixed(2)} cores.`;
  const saturated = measured.filter(({ generatorBusy }) => generatorBusy > SATURATED);
  if (saturated.length === 0) return range;
  const where = saturated.map(({ what }) => what).join(', ');
  return `${range} It was busy for more than ${SATURATED * 100} % of the time, and may be what is slow, in: ${where}.`;
}

/** Everything that is known of the run, each round's figures too. */
export function asJson(
  machine: Machine,
  options: LiveOptions,
  missing: readonly string[],
  results: readonly Result[],
): string {
  const told = results.map((result) => ({ ...result, load: options.loads[result.workload], medians: medians(result) }));
  return JSON.stringify({ machine, options, missing, results: told, wrong: wrongOf(results) }, undefined, 2);
}
