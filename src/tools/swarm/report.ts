/** Merges the results of all threads, and judges them. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import Table from 'cli-table3';
import { countLost } from './losses.ts';
import { programsOf, type SwarmOptions } from './options.ts';
import { type Counts, type Outcome, type SwarmTables, zeroCounts } from './task.ts';

const NS_A_SECOND = 1e9;
const NS_A_MS = 1e6;
/** So many violations are reported in words. */
const MOST_SHOWN = 5;

/**
 * The result of a run. A line to three recipients counts as three deliveries. `latencyMs` is only of mail that arrived
 * while its recipient was connected.
 */
export interface Report {
  /** The part of the names that makes them different from those of any other run. */
  readonly run: string;
  readonly options: SwarmOptions;
  readonly sendingSeconds: number;
  readonly counts: Readonly<Counts>;
  readonly lost: number;
  readonly deliveriesPerSecond: number;
  readonly latencyMs: { readonly p50: number; readonly p99: number; readonly p999: number };
  /** The first things that the broker said to programs against their protocol, each a sentence. */
  readonly violated: readonly string[];
  /** What is wrong, in one line; undefined if nothing is. */
  readonly failure: string | undefined;
}

interface Findings {
  readonly options: SwarmOptions;
  readonly run: string;
  readonly outcomes: readonly Extract<Outcome, { kind: 'done' }>[];
  readonly tables: SwarmTables;
  readonly sendingMs: number;
  readonly sendingSinceNs: number;
}

/** Merges the results of the threads into a report. */
export function report({ options, run, outcomes, tables, sendingMs, sendingSinceNs }: Findings): Report {
  const counts = zeroCounts();
  const latency = createHistogram();
  let lastArrivalNs = 0;
  for (const outcome of outcomes) {
    for (const key of Object.keys(counts) as (keyof Counts)[]) counts[key] += outcome.counts[key];
    latency.add(outcome.latency);
    lastArrivalNs = Math.max(lastArrivalNs, outcome.lastArrivalNs);
  }
  const settlements = outcomes.map((outcome) => outcome.settlement);
  const lost = countLost(options.clients, tables, settlements);
  const violated = outcomes.flatMap((outcome) => outcome.violations).slice(0, MOST_SHOWN);
  const arrived = counts.arrivedLive + counts.arrivedHeld;
  const seconds = (lastArrivalNs - sendingSinceNs) / NS_A_SECOND;
  return {
    run,
    options,
    sendingSeconds: sendingMs / 1000,
    counts,
    lost,
    deliveriesPerSecond: arrived === 0 ? 0 : arrived / seconds,
    latencyMs: { p50: percentileMs(latency, 50), p99: percentileMs(latency, 99), p999: percentileMs(latency, 99.9) },
    violated,
    failure: failure(counts, lost, violated),
  };
}

function percentileMs(latency: RecordableHistogram, percentile: number): number {
  return latency.count === 0 ? 0 : latency.percentile(percentile) / NS_A_MS;
}

function failure(counts: Counts, lost: number, violated: readonly string[]): string | undefined {
  const wrong = Object.entries({ lost, repeated: counts.repeated, disordered: counts.disordered })
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`);
  if (counts.strange > 0) wrong.push(`${counts.strange} lines that nobody sent so`);
  if (counts.violations > 0) wrong.push(`${counts.violations} times the protocol broken: ${violated.join('; ')}`);
  if (counts.arrivedLive + counts.arrivedHeld === 0) wrong.push('nothing was delivered');
  if (wrong.length === 0) return undefined;
  const hints: string[] = [];
  if (counts.refusals > 0) hints.push(`the broker said ${counts.refusals} times that it refuses or drops mail`);
  if (counts.disconnected > 0) hints.push(`${counts.disconnected} connections ended without our wish`);
  return hints.length === 0 ? wrong.join(', ') : `${wrong.join(', ')} (${hints.join('; ')})`;
}

/** @returns the report as a table for people */
export function asTable({ options, counts, lost, latencyMs, ...rest }: Report): string {
  const table = new Table({ colAligns: ['left', 'right'], style: { head: [], border: [] } });
  const { p50, p99, p999 } = latencyMs;
  table.push(
    ['clients', whole(options.clients)],
    ['of them programs', whole(programsOf(options))],
    ['threads', whole(options.threads)],
    ['seed', String(options.seed)],
    ['seconds of sending', rest.sendingSeconds.toFixed(1)],
    ['lines sent', whole(counts.lines)],
    ['sent (deliveries expected)', whole(counts.sent)],
    ['delivered live', whole(counts.arrivedLive)],
    ['delivered after a return', whole(counts.arrivedHeld)],
    ['lost', whole(lost)],
    ['repeated', whole(counts.repeated)],
    ['disordered', whole(counts.disordered)],
    ['strange lines', whole(counts.strange)],
    ['protocol of programs broken', whole(counts.violations)],
    ['in doubt after a crash', whole(counts.doubtful)],
    ['redelivered to programs', whole(counts.redelivered)],
    ['polite leaves', whole(counts.leaves)],
    ['crashes of programs', whole(counts.crashes)],
    ['names taken over by programs', whole(counts.takeOvers)],
    ['reconnects', whole(counts.reconnects)],
    ['disconnected unasked', whole(counts.disconnected)],
    ['attempts failed', whole(counts.failedAttempts)],
    ['name found taken', whole(counts.taken)],
    ['mail refused', whole(counts.refusals)],
    ['latency, live: p50 / p99 / p99.9', `${p50.toFixed(2)} / ${p99.toFixed(2)} / ${p999.toFixed(2)} ms`],
    ['deliveries a second', whole(Math.round(rest.deliveriesPerSecond))],
  );
  return table.toString();
}

/** @returns the report as one line of JSON */
export function asJson({ options, counts, ...rest }: Report): string {
  const { json: _, token: __, ...settings } = options;
  return JSON.stringify({ ok: rest.failure === undefined, ...settings, ...rest, ...counts });
}

function whole(value: number): string {
  return value.toLocaleString('en-US');
}
