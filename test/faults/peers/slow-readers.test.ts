/** One reader freezes for ever, one for a while, and one takes a few bytes a second. Each costs only its own limits. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong, quantile } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { type LedgerPeer, Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';

const MAILBOX_BYTES = 1024 * 1024;
const WINDOW_BYTES = 256 * 1024;
const LARGE = 50_000;
/** More than the system, the window and the mailbox take together. */
const COUNT = 300;
const SLOW = ['for-ever', 'for-a-while', 'sipping'] as const;
const SIPS = fastOrLong({ bytes: 10, seconds: 3 }, { bytes: 1, seconds: 60 });
/**
 * The limits for the round trips of other peers. They allow for a busy machine, and are far below what a wait for a
 * slow reader would cost.
 */
const MEDIAN_MS = 50;
const WORST_MS = 1_000;
const SETTINGS = {
  MAILBOX_MAX_BYTES: String(MAILBOX_BYTES),
  MAILBOX_MAX_MESSAGES: 'unlimited',
  WRITE_WINDOW_BYTES: String(WINDOW_BYTES),
  DRAIN_SECONDS: String(paced(2)),
};

/** How many messages the log reports as refused at the end. */
function refused(log: string): number {
  return Number(/"mailbox has too many bytes":(\d+)/.exec(log)?.[1] ?? 0);
}

async function flood(sender: LedgerPeer): Promise<void> {
  for (let i = 0; i < COUNT; i++) {
    sender.send(SLOW, LARGE);
    if (i % 10 === 9) await sender.mark();
  }
}

async function sipUntilFed(peer: LedgerPeer): Promise<void> {
  for (let second = 0; second < SIPS.seconds; second++) {
    peer.sip(SIPS.bytes);
    await sleep(1_000);
  }
}

it(`frozen and slow readers delay no other peer, and get in order what their limits allow`, {
  timeout: paced(300_000),
}, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  let notTaken = 0;
  {
    await using broker = await FaultBroker.start(folder.path, SETTINGS);
    const slow = await peers.back(broker.port, SLOW);
    const [forEver, forAWhile, sipping] = slow as [LedgerPeer, LedgerPeer, LedgerPeer];
    for (const peer of slow) peer.freeze();
    const [sender] = (await peers.back(broker.port, ['sender'])) as [LedgerPeer];
    const games = await Promise.all(['a', 'b', 'c', 'd'].map((name) => PingPong.start(peers, broker.port, name)));
    await Promise.all([flood(sender), sipUntilFed(sipping)]);
    for (const name of SLOW) {
      expect(sender.notices).toContain(`* the mailbox of ${name} is full: mail is refused`);
    }
    forAWhile.freeze(false);
    await forAWhile.mark();
    const trips = (await Promise.all(games.map((game) => game.stop(10)))).flat().sort((a, b) => a - b);
    expect(quantile(trips, 0.5)).toBeLessThan(pacedNow(MEDIAN_MS));
    expect(trips.at(-1)).toBeLessThan(pacedNow(WORST_MS));

    // A full mailbox was kept for it. It gets that, its window, and what the system had taken, and no more.
    const inTime = ledger.arrived('sender', 'for-a-while');
    expect(inTime.length * LARGE).toBeGreaterThan(MAILBOX_BYTES);
    expect(inTime.length).toBeLessThan(COUNT);

    expect(await broker.terminate()).toMatchObject({ code: 0 });
    notTaken = refused(broker.process.stdout);
    for (const peer of [forEver, sipping]) peer.freeze(false);
    await peers.ended();
    ledger.restart();
  }
  await using broker = await FaultBroker.start(folder.path, SETTINGS);
  const before = SLOW.map((name) => ledger.arrived('sender', name).length);
  await peers.visit(broker.port, SLOW);
  const after = SLOW.map((name) => ledger.arrived('sender', name).length);
  expect(ledger.faults()).toEqual([]);
  expect(ledger.totals.repeated).toBe(0);
  expect(after.reduce((sum, count) => sum + count, 0) + notTaken).toBe(SLOW.length * COUNT);
  // The mail of readers that never read again has stayed: a whole mailbox each.
  for (const i of [0, 2]) {
    const lasted = ((after[i] ?? 0) - (before[i] ?? 0)) * LARGE;
    expect(lasted).toBeGreaterThan(MAILBOX_BYTES - 2 * LARGE);
  }
});
