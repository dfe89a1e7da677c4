/** Connections are reset in the middle of a line: the half line is no message, and other peers are not affected. */
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';

const RESETS = fastOrLong(40, 1_000);
const HALF_LINES = ['bob', 'bob: ', 'bob: half', 'bob, carol: half of a lin', `bob: ${'h'.repeat(60_000)}`] as const;

it(`of ${RESETS} peers that are reset in the middle of a line, every whole line arrives and no half one`, {
  timeout: paced(300_000),
}, async () => {
  const choices = new Choices();
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  await using broker = await FaultBroker.start(folder.path, { DRAIN_SECONDS: String(paced(2)) });
  await peers.visit(broker.port, ['away']);
  const [bob, carol] = await peers.back(broker.port, ['bob', 'carol']);
  for (let i = 0; i < RESETS; i++) {
    const peer = await peers.connect(broker.port, `resetter${i}`);
    for (let line = choices.between(0, 5); line >= 0; line--) peer.send(['bob', 'away', 'carol'], 300);
    // Waits until all was read, because a reset discards what the broker has not read.
    expect(await peer.mark()).toBe(true);
    ledger.read(peer.name);
    peer.sendRaw(choices.of(HALF_LINES));
    peer.reset();
    await peer.ended();
  }
  const [after] = await peers.back(broker.port, ['after']);
  after?.send(['bob', 'carol', 'away']);
  ledger.read('after');
  await bob?.mark();
  await after?.mark();
  // When a peer gets its own line back, it has received everything that was sent to it before.
  await Promise.all([bob?.mark(), carol?.mark()]);
  await peers.visit(broker.port, ['away']);
  expect(ledger.faults(), `seed ${choices.seed}`).toEqual([]);
  expect(ledger.totals.repeated).toBe(0);
});
