/** The figures of a bench, as one object and as a table. */
import Table from 'cli-table3';
import type { BenchOptions } from './run.ts';
import type { Figures, Spread } from './tally.ts';

/** Above this part of a core, this process may be what is measured. */
const BUSY_CORES = 0.8;

/** What a bench ends with. */
export interface BenchReport extends Figures {
  /** Of this process, while messages were sent. */
  readonly processorSeconds: number;
}

/** @returns the report for programs */
export function asObject(report: BenchReport, { pairs, inFlight, bytes, durable }: BenchOptions) {
  return { type: 'bench', pairs, inFlight, bytes, durable: durable ?? false, ...report };
}

/** @returns the report for people */
export function asTable(report: BenchReport, { pairs, inFlight, bytes, durable }: BenchOptions): string {
  const table = new Table({ colAligns: ['left', 'right'], style: { head: [], border: [] } });
  const { seconds, processorSeconds } = report;
  table.push(
    ['pairs', whole(pairs)],
    ['in flight, a pair', whole(inFlight)],
    ['bytes of a message', whole(bytes)],
    ['durable', durable ? 'yes' : 'no'],
    ['seconds', seconds.toFixed(1)],
    ['accepted a second', whole(report.acceptedPerSecond)],
    ['worked off a second', whole(report.workedOffPerSecond)],
    ['MiB a second', report.mebibytesPerSecond.toFixed(2)],
    ['send to accepted: p50 / p90 / p99 / max', spread(report.toAcceptedMs)],
    ['send to worked off: p50 / p90 / p99 / max', spread(report.toWorkedOffMs)],
    ['refused', whole(report.refused)],
    ['repeated', whole(report.repeated)],
    ['not worked off', whole(report.unfinished)],
    ['processor time of this process', `${processorSeconds.toFixed(1)} s, ${coresOf(report).toFixed(2)} of a core`],
  );
  return table.toString();
}

/** @returns a warning if this process has worked so much that the broker may be faster than it */
export function busyNote(report: BenchReport): string | undefined {
  if (coresOf(report) < BUSY_CORES) return undefined;
  const percent = Math.round(100 * coresOf(report));
  return `this process used ${percent} % of a core: the figures are rather its limit than that of the broker`;
}

/** @returns what must not be; undefined if nothing is wrong */
export function faultsOf({ refused, repeated, unfinished }: Figures): string | undefined {
  const faults = Object.entries({ refused, repeated, 'not worked off': unfinished })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${whole(count)} ${what}`);
  return faults.length === 0 ? undefined : `of the messages are ${faults.join(', ')}`;
}

function coresOf({ seconds, processorSeconds }: BenchReport): number {
  return seconds > 0 ? processorSeconds / seconds : 0;
}

function spread({ p50, p90, p99, max }: Spread): string {
  return `${[p50, p90, p99, max].map((ms) => ms.toFixed(2)).join(' / ')} ms`;
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
