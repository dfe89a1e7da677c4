/** No file descriptors for a while: mail is refused, and held again by itself; what was held stays. */
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { roundsUntil } from '../../helpers/faults/outcome.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';

const AWAY = Array.from({ length: 10 }, (_, i) => `away${i}`);
const OPEN_FILES = 200;
/** LevelDB needs a new file every few megabytes. */
const BYTES = 60_000;
const HOARDER = 'test/helpers/faults/hoarder.ts';

it('without descriptors mail is refused, what was held can be had, and with some it is held again without a restart', {
  timeout: paced(120_000),
}, async () => {
  const ledger = new Ledger({ mayRefuse: true });
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const settings = { MAILBOX_MAX_BYTES: 'unlimited', DRAIN_SECONDS: '3' };
  {
    await using broker = await FaultBroker.start(folder.path, settings, HOARDER, OPEN_FILES);
    await peers.visit(broker.port, AWAY);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    // Who is here already has its connection, and goes on using it.
    const sender = await peers.connect(broker.port, 'here');
    await sender.mark();
    broker.process.signal('SIGUSR2');
    while (
      !AWAY.every((name) =>
        sender.notices.some((line) => line === `* mail for ${name} cannot be stored now: it is refused`),
      )
    ) {
      sender.send(AWAY, BYTES);
      await sender.mark();
    }
    broker.process.signal('SIGUSR2');
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    await sender.leave();
    await peers.visit(broker.port, AWAY);
    await roundsUntil('held', peers, broker.port, AWAY, BYTES);
    expect(await broker.terminate()).toMatchObject({ code: 0 });
    await peers.ended();
    ledger.restart();
  }
  await using broker = await FaultBroker.start(folder.path, settings);
  await peers.visit(broker.port, AWAY);
  expect(ledger.faults()).toEqual([]);
});
