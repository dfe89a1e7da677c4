/** How long it takes from a message's sending to the word that it is held, while the broker holds much else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startHolding, storeFolder } from './broker.ts';
import type { Findings } from './figures.ts';
import { buildLines, type Lines, names } from './mail.ts';
import type { BenchOptions } from './options.ts';
import { fetchAll, holdAll, makeKnown, Talker } from './peers.ts';

const NAMES = 200;
const SENDERS = 4;
const RATE = 30_000;
const TICK_MS = 5;
const PROBE_EVERY_MS = 7;
const P99_TARGET_MS = 50;

/** Measures it with probes, each to a name of its own, because of each name a sender is told once. */
export async function latency(options: BenchOptions): Promise<Findings> {
  const seconds = options.quick ? 4 : 10;
  const eachToEach = Math.round((RATE * seconds) / SENDERS / NAMES);
  const recipients = names('m', NAMES);
  const lines = buildLines(recipients, NAMES * eachToEach);
  const p50: number[] = [];
  const p99: number[] = [];
  const rates: number[] = [];
  const wrong: string[] = [];
  for (let run = 0; run < options.runs; run++) {
    using folder = storeFolder(options);
    await using broker = await startHolding(options, folder.path);
    const probes = names('p', Math.floor((seconds * 1000) / PROBE_EVERY_MS));
    await makeKnown(broker.port, [...recipients, ...probes]);
    const load = holdAll(
      broker.port,
      options.shards,
      Array.from({ length: SENDERS }, () => lines),
      paced,
    );
    const [held, times] = await Promise.all([load, probe(broker.port, probes, seconds)]);
    times.sort((a, b) => a - b);
    p50.push(percentile(times, 0.5));
    p99.push(percentile(times, 0.99));
    rates.push((SENDERS * lines.count * 1000) / held.ms);
    wrong.push(...held.wrong, ...(await fetchAll(broker.port, recipients, SENDERS * eachToEach)));
  }
  return {
    figures: [
      { what: 'held notice, p50', unit: 'ms', measured: p50, should: 'below' },
      { what: 'held notice, p99', unit: 'ms', measured: p99, should: 'below', target: P99_TARGET_MS },
      { what: 'load meanwhile', unit: 'messages/s', measured: rates, should: 'at least', target: RATE * 0.95 },
    ],
    wrong,
  };
}

/** Sends a sender's part of the rate, by the clock, in small pieces. */
async function paced(talker: Talker, { bytes, count, lineBytes }: Lines): Promise<void> {
  const since = performance.now();
  let sent = 0;
  while (sent < count) {
    const due = Math.min(count, Math.floor(((performance.now() - since) * RATE) / SENDERS / 1000));
    if (due > sent) talker.post(bytes.subarray(sent * lineBytes, due * lineBytes));
    sent = due;
    await sleep(TICK_MS);
  }
}

/** Sends one line to each of `probes`, evenly over `seconds`. @returns how long each took to be held, in ms */
async function probe(port: number, probes: readonly string[], seconds: number): Promise<number[]> {
  using talker = await Talker.connect(port, 's99');
  const since = performance.now();
  const times = probes.map(async (name, i) => {
    await sleep((i * seconds * 1000) / probes.length - (performance.now() - since));
    const at = performance.now();
    const held = talker.held(name);
    talker.post(`${name}: probe\n`);
    return (await held) - at;
  });
  return await Promise.all(times); // the talker is disposed of when this is left
}

function percentile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * part) - 1)] ?? Number.NaN;
}
