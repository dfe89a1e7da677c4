/** The wall clock jumps, while a broker runs and between two runs: held mail stays. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { roundsUntil } from '../../helpers/faults/outcome.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';

const AWAY = ['bob', 'carol'];
const DAY = 86_400;
const BYTES = 20;
const CLOCK = fileURLToPath(new URL('../../fixtures/fake-clock.mjs', import.meta.url));
const HOLD_DAYS = 7;
const TICK_MS = 1_000;

function scene(path: string) {
  const file = join(path, 'clock');
  const setClock = (seconds: number) => writeFileSync(file, String(seconds));
  setClock(0);
  const env = { NODE_OPTIONS: `--import ${CLOCK}`, FAKE_CLOCK: file, HOLD_SECONDS: String(HOLD_DAYS * DAY) };
  return { setClock, start: () => FaultBroker.start(join(path, 'data'), env) };
}

/** The offset with which the wall clock shows this date. */
const offsetTo = (date: string) => Math.round((Date.parse(date) - Date.now()) / 1000);

it('jumps of the clock while a broker runs cost no mail', { timeout: paced(120_000) }, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const { setClock, start } = scene(folder.path);
  await using broker = await start();
  await peers.visit(broker.port, AWAY);
  for (const offset of [-400 * DAY, 30 * DAY, offsetTo('1960-01-01'), offsetTo('2110-01-01'), 0]) {
    setClock(offset);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    // A shard searches for old mail once a second. That cannot be seen from outside, so the test waits.
    const from = performance.now();
    await until(() => performance.now() - from > 2 * TICK_MS, 'time to pass');
  }
  await peers.visit(broker.port, AWAY);
  expect(await broker.terminate()).toMatchObject({ code: 0 });
  expect(ledger.faults()).toEqual([]);
});

it.each([
  ['ahead', 30 * DAY],
  ['back', -30 * DAY],
  ['before 1970', offsetTo('1960-01-01')],
  ['past 2106', offsetTo('2110-01-01')],
])(
  'a jump %s between two runs is distrusted, said once, and costs no mail',
  { timeout: paced(120_000) },
  async (_, offset) => {
    const ledger = new Ledger();
    using folder = temporaryFolder();
    using peers = new Peers(ledger);
    const { setClock, start } = scene(folder.path);
    for (const [clock, distrusted] of [
      [0, false],
      [offset, true],
      [offset, false],
      [0, false],
    ] as const) {
      setClock(clock);
      await using broker = await start();
      await peers.visit(broker.port, AWAY);
      await roundsUntil('held', peers, broker.port, AWAY, BYTES);
      expect(await broker.terminate()).toMatchObject({ code: 0 });
      expect(broker.process.stdout.includes('"code":"CLOCK_DISTRUSTED"')).toBe(distrusted);
      await peers.ended();
      ledger.restart();
      expect(ledger.faults(() => false)).toEqual([]);
    }
    await using broker = await start();
    await peers.visit(broker.port, AWAY);
    expect(ledger.faults()).toEqual([]);
  },
);
