/** How long a broker that was killed takes to come up with much held mail, and how much memory it has then. */
import { setTimeout as sleep } from 'node:timers/promises';
import { startHolding, storeFolder } from './broker.ts';
import type { Findings } from './figures.ts';
import { buildLines, names } from './mail.ts';
import type { BenchOptions } from './options.ts';
import { fetchAll, holdAll, makeKnown } from './peers.ts';

const EACH = 100;
const FETCHED_NAMES = 100;
const SECONDS_TARGET = 10;
const MIB = 1024 * 1024;
const MEMORY_TARGET_MIB = 300;
/** Allocation of the last moments of the start shows only in the memory a little later. */
const LOOK_AFTER_MS = 1_000;

/** Measures it; then some of the names come, and their mail must be there. */
export async function startUp(options: BenchOptions): Promise<Findings> {
  const recipients = names('m', options.quick ? 1_000 : 10_000);
  using folder = storeFolder(options);
  const wrong = await fill(options, folder.path, recipients);
  const seconds: number[] = [];
  const resident: number[] = [];
  const peak: number[] = [];
  for (let run = 0; run < options.runs; run++) {
    await using broker = await startHolding(options, folder.path);
    seconds.push(broker.startMs / 1000);
    const atOnce = broker.residentBytes;
    await sleep(LOOK_AFTER_MS);
    resident.push(Math.max(atOnce, broker.residentBytes) / MIB);
    peak.push(broker.peakBytes / MIB);
    if (run === options.runs - 1) wrong.push(...(await fetchAll(broker.port, sample(recipients), EACH)));
    else await broker.kill();
  }
  using emptyFolder = storeFolder(options);
  await using empty = await startHolding(options, emptyFolder.path);
  const note = `${(recipients.length * EACH).toLocaleString('en-US')} messages in ${recipients.length.toLocaleString('en-US')} mailboxes, after SIGKILL; an empty broker takes ${(empty.startMs / 1000).toFixed(2)} s and ${Math.round(empty.residentBytes / MIB)} MiB`;
  return {
    figures: [
      { what: 'start-up', unit: 's', measured: seconds, should: 'below', target: SECONDS_TARGET, note },
      { what: 'memory then', unit: 'MiB', measured: resident, should: 'below', target: MEMORY_TARGET_MIB },
      { what: 'most memory before', unit: 'MiB', measured: peak, should: 'below' },
    ],
    wrong,
  };
}

/** Lets a broker hold all the mail, and kills it. @returns what was wrong */
async function fill(options: BenchOptions, folder: string, recipients: readonly string[]): Promise<string[]> {
  await using broker = await startHolding(options, folder);
  await makeKnown(broker.port, recipients);
  const held = await holdAll(broker.port, options.shards, [buildLines(recipients, recipients.length * EACH)]);
  await broker.kill();
  return held.wrong;
}

function sample(recipients: readonly string[]): string[] {
  const step = Math.max(1, Math.floor(recipients.length / FETCHED_NAMES));
  return recipients.filter((_, i) => i % step === 0).slice(0, FETCHED_NAMES);
}
