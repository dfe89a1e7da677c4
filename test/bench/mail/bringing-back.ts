/** How fast a large mailbox comes back to one peer. */
import { startHolding, storeFolder } from './broker.ts';
import type { Findings } from './figures.ts';
import { buildLines, names } from './mail.ts';
import type { BenchOptions } from './options.ts';
import { fetchMail, holdAll, makeKnown } from './peers.ts';

const TARGET = 300_000;

/** Measures it from the connect of who comes back to its last message, all of them checked. */
export async function bringingBack(options: BenchOptions): Promise<Findings> {
  const count = options.quick ? 200_000 : 1_000_000;
  const measured: number[] = [];
  const wrong: string[] = [];
  for (let run = 0; run < options.runs; run++) {
    using folder = storeFolder(options);
    await using broker = await startHolding(options, folder.path);
    const recipients = names('m', 1);
    await makeKnown(broker.port, recipients);
    const held = await holdAll(broker.port, options.shards, [buildLines(recipients, count)]);
    const found = await fetchMail(broker.port, recipients[0] ?? '', count);
    measured.push((count / found.ms) * 1000);
    wrong.push(...held.wrong, ...(found.wrong === undefined ? [] : [found.wrong]));
  }
  const note = `a mailbox of ${count.toLocaleString('en-US')} messages, to one peer`;
  const what = 'bringing back';
  return { figures: [{ what, unit: 'messages/s', measured, should: 'at least', target: TARGET, note }], wrong };
}
