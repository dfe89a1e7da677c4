/** No file descriptors for a time: mail is refused, then held again without a restart, and held mail stays. */
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { roundsUntil } from '../../helpers/faults/outcome.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';

const AWAY = Array.from({ length: 10 }, (_, i) => `away${i}`);
const OPEN_FILES = 200;
/** Large messages, because LevelDB needs a new file every few megabytes. */
const BYTES = 60_000;
const HOARDER = 'test/helpers/faults/children/hoarder.ts';

it('without descriptors mail is refused and held mail can be fetched; with some, mail is held again without a restart', {
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
    // A connected peer has its descriptor already.
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
