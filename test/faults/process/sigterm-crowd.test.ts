/** SIGTERM when much mail must be stored at once, because many frozen readers return all their windows. */
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { cutOffForMemory } from '../../helpers/faults/memory.ts';
import { type LedgerPeer, Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';

const FROZEN = Array.from({ length: fastOrLong(30, 300) }, (_, i) => `frozen${i}`);
const DRAIN_SECONDS = paced(fastOrLong(4, 8));
const GRACE_SECONDS = 1;
const LARGE = 30_000;
/** More for each reader than the system and its window take, so that some of it waits in mailboxes. */
const EACH = 170;

/** Writes to all frozen readers. Resolves when the broker has read everything. */
async function fill(sender: LedgerPeer, ledger: Ledger): Promise<void> {
  for (let i = 0; i < EACH; i++) {
    sender.send(FROZEN, LARGE);
    await sender.mark();
  }
  ledger.read(sender.name);
}

it(`SIGTERM with ${FROZEN.length} frozen readers: exit code 0 within DRAIN_SECONDS, and all undelivered mail is kept`, {
  timeout: paced(300_000),
}, async (context) => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const cutOff = cutOffForMemory();
  let log = '';
  {
    await using broker = await FaultBroker.start(folder.path, { DRAIN_SECONDS: String(DRAIN_SECONDS) });
    const crowd = await peers.back(broker.port, FROZEN);
    for (const peer of crowd) peer.freeze();
    const [sender] = (await peers.back(broker.port, ['sender'])) as [LedgerPeer];
    await fill(sender, ledger);
    expect(sender.notices).toEqual([]);
    const { code, seconds } = await broker.terminate();
    log = broker.process.stdout;
    expect(code).toBe(0);
    expect(seconds).toBeLessThan(DRAIN_SECONDS + pacedNow(GRACE_SECONDS));
    for (const peer of crowd) peer.freeze(false);
    await peers.ended();
    ledger.restart();
  }
  expect(log, 'the windows came back').toMatch(/"returned":[1-9]/);
  await using broker = await FaultBroker.start(folder.path);
  await peers.visit(broker.port, FROZEN);
  if (cutOffForMemory() > cutOff) context.skip('the system has run out of memory for TCP, and lost what it had taken');
  expect(ledger.faults().slice(0, 10), log.slice(-1_000)).toEqual([]);
  expect(ledger.totals.arrived).toBe(FROZEN.length * EACH);
  expect(ledger.totals.repeated).toBe(0);
});
