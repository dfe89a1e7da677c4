/** DATA_DIR is moved away or deleted while a broker runs: no mail is called held that a restart would not find. */
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { PingPong } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { round, roundsUntil } from '../../helpers/faults/outcome.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';

const AWAY = Array.from({ length: 5 }, (_, i) => `away${i}`);
const BYTES = 1_000;
const SETTINGS = { DRAIN_SECONDS: '3' };

it('a folder that is moved away: mail is refused, chat goes on, and mail is held again when it is back', {
  timeout: paced(120_000),
}, async () => {
  const ledger = new Ledger({ mayRefuse: true });
  using outer = temporaryFolder();
  using peers = new Peers(ledger);
  const folder = join(outer.path, 'data');
  {
    await using broker = await FaultBroker.start(folder, SETTINGS);
    await peers.visit(broker.port, AWAY);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    renameSync(folder, `${folder}.away`);
    // None of these is held. The first are being stored when the broker finds that the folder is gone.
    expect(await round(peers, broker.port, AWAY, BYTES)).not.toContain('held');
    await roundsUntil('refused', peers, broker.port, AWAY, BYTES);
    const game = await PingPong.start(peers, broker.port, 'live');
    expect(await game.stop(10)).not.toEqual([]);
    expect(broker.process.stdout).toContain('"code":"STORE_GONE"');
    renameSync(`${folder}.away`, folder);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    expect(await broker.terminate()).toMatchObject({ code: 0 });
    await peers.ended();
    ledger.restart();
  }
  await using broker = await FaultBroker.start(folder, SETTINGS);
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
});

it.each([
  ['deleted', () => undefined],
  ['deleted and made anew', (folder: string) => mkdirSync(folder)],
])(
  'a folder that is %s: mail is refused, chat goes on, and the log says what to do',
  {
    timeout: paced(120_000),
  },
  async (_, then) => {
    const ledger = new Ledger({ mayRefuse: true });
    using outer = temporaryFolder();
    using peers = new Peers(ledger);
    const folder = join(outer.path, 'data');
    await using broker = await FaultBroker.start(folder, SETTINGS);
    await peers.visit(broker.port, AWAY);
    rmSync(folder, { recursive: true });
    then(folder);
    expect(await round(peers, broker.port, AWAY, BYTES)).not.toContain('held');
    await roundsUntil('refused', peers, broker.port, AWAY, BYTES);
    const game = await PingPong.start(peers, broker.port, 'live');
    expect(await game.stop(10)).not.toEqual([]);
    expect(broker.process.stdout).toMatch(/"code":"STORE_GONE"[^\n]*until it is back, or the broker is restarted/);
  },
);
