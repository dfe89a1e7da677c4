/** How many messages a second the broker can hold for names that are away, on disk. */
import { startHolding, storeFolder } from './broker.ts';
import type { Findings } from './figures.ts';
import { buildLines, names } from './mail.ts';
import type { BenchOptions } from './options.ts';
import { fetchAll, holdAll, makeKnown } from './peers.ts';

const NAMES = 200;
const SENDERS = 4;
const TARGET = 60_000;

/** Measures it; afterwards the names come, and everything must be there. */
export async function holding(options: BenchOptions): Promise<Findings> {
  const eachToEach = options.quick ? 150 : 750;
  const total = SENDERS * NAMES * eachToEach;
  const recipients = names('m', NAMES);
  const lines = buildLines(recipients, NAMES * eachToEach);
  const measured: number[] = [];
  const wrong: string[] = [];
  for (let run = 0; run < options.runs; run++) {
    using folder = storeFolder(options);
    await using broker = await startHolding(options, folder.path);
    await makeKnown(broker.port, recipients);
    const held = await holdAll(
      broker.port,
      options.shards,
      Array.from({ length: SENDERS }, () => lines),
    );
    measured.push((total / held.ms) * 1000);
    wrong.push(...held.wrong, ...(await fetchAll(broker.port, recipients, SENDERS * eachToEach)));
  }
  const note = `${total.toLocaleString('en-US')} messages, ${SENDERS} senders, ${NAMES} names; until the last is synced`;
  const what = 'holding';
  return { figures: [{ what, unit: 'messages/s', measured, should: 'at least', target: TARGET, note }], wrong };
}
