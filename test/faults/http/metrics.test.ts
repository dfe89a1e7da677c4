/** What a scrape costs where very many names are known, with mail for each of them. */
import { expect, it } from 'vitest';
import { AS_STARTED, FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { freePort } from '../../helpers/free-port.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';
import { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

const NAMES = fastOrLong(20_000, 1_000_000);
/** Names of one line. */
const NAMES_A_LINE = 1_000;
const SCRAPES = 31;
const MEDIAN_MS = 20;
const LIMIT_MS = fastOrLong(120_000, 900_000);

/** The sum of a metric over the shards. */
function sumOf(text: string, metric: string): number {
  const values = [...text.matchAll(new RegExp(`^${metric}\\{.*\\} (\\d+)$`, 'gm'))];
  return values.reduce((sum, [, value]) => sum + Number(value), 0);
}

it(`a scrape with ${NAMES} names takes less than ${MEDIAN_MS} ms`, { timeout: paced(LIMIT_MS + 60_000) }, async () => {
  using folder = temporaryFolder();
  const port = await freePort();
  // A sender may fill nine tenths of a limit.
  const settings = { HTTP_PORT: String(port), HOLD_UNKNOWN: 'on', MAX_NAMES: '1200000' };
  await using broker = await FaultBroker.start(folder.path, { ...AS_STARTED, ...settings });
  const scrape = async () => await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const peer = await Peer.connect(broker.port);
  peer.send('filler\n');
  for (let first = 0; first < NAMES; first += NAMES_A_LINE) {
    const names = Array.from({ length: NAMES_A_LINE }, (_, i) => `n${first + i}`);
    peer.send(`${names.join(',')}: x\n`);
  }
  peer.send('filler: all\n');
  await until(
    () => peer.received.includes('from filler: all\n'),
    () => peer.received.slice(-200),
    LIMIT_MS,
  );
  // Each of these scrapes waits for the shard, which works the lines off.
  for (let known = 0; known < NAMES; ) known = sumOf(await scrape(), 'restante_mailbox_messages');
  const took: number[] = [];
  for (let i = 0; i < SCRAPES; i++) {
    const before = performance.now();
    await scrape();
    took.push(performance.now() - before);
  }
  took.sort((a, b) => a - b);
  expect(took[SCRAPES >> 1], took.join()).toBeLessThan(pacedNow(MEDIAN_MS));
  peer.destroy();
});
