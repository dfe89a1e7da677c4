/** A crowd of readers that froze with full windows: the others go on chatting, and memory stays bounded. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { PingPong } from '../../helpers/faults/chat.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { type LedgerPeer, Peers } from '../../helpers/faults/peer.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { Patience, paced } from '../../helpers/pace/pace.ts';

const FROZEN = Array.from({ length: fastOrLong(200, 1_000) }, (_, i) => `frozen${i}`);
const PAIRS = 32;
/** A rate is that of several windows of time: what else the machine does changes from one to the next. */
const WINDOWS = 3;
const WINDOW_MS = fastOrLong(400, 2_000);
/** The part of their rate that the others must keep. */
const KEPT = fastOrLong(0.5, 0.8);
const RESIDENT_MIB = 400;
/** So often is looked whether the crowd's memory has been given back. */
const ROUNDS = 10;
/**
 * What may be left of the crowd when it is gone: the heaps of two threads that have grown keep some of what they were.
 */
const LEFT_OVER_MIB = 150;
const MESSAGE_BYTES = 32_000;
/**
 * So little that nothing waits in a mailbox: what a frozen reader costs here is its window. glibc keeps what is freed
 * unless it is told to give it back (see the README), and then nobody could tell it from what is in use.
 */
const SETTINGS = { MAILBOX_MAX_BYTES: '1KiB', DRAIN_SECONDS: String(paced(3)), MALLOC_MMAP_THRESHOLD_: '16384' };
/** The broker gives a sender news of 64 names a second: so many names are written to at a time. */
const AT_A_TIME = 60;
const FILLED_WITHIN_MS = 60_000;

/** Round trips a second of 64 peers that chat, in each window. */
async function rates(peers: Peers, port: number, name: string): Promise<number[]> {
  const games: PingPong[] = [];
  for (let i = 0; i < PAIRS; i++) games.push(await PingPong.start(peers, port, `${name}${i}`, 0));
  const trips = () => games.reduce((sum, game) => sum + game.trips, 0);
  const found: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const since = performance.now();
    const before = trips();
    await sleep(paced(WINDOW_MS));
    found.push(((trips() - before) / (performance.now() - since)) * 1_000);
  }
  await Promise.all(games.map((game) => game.stop()));
  return found;
}

/** Writes to all the frozen until the broker says of each that its mailbox is full, and so is its window. */
async function fillAll(sender: LedgerPeer): Promise<void> {
  const full = new Set<string>();
  const message = 'x'.repeat(MESSAGE_BYTES);
  const patience = new Patience(FILLED_WITHIN_MS);
  let seen = 0;
  while (full.size < FROZEN.length) {
    if (patience.over) throw new Error(`only ${full.size} of ${FROZEN.length} windows are full`);
    const open = FROZEN.filter((name) => !full.has(name)).slice(0, AT_A_TIME);
    sender.sendRaw(`${open.join(',')}: ${message}\n`);
    await sender.mark();
    for (; seen < sender.notices.length; seen++) {
      const name = /^\* the mailbox of (.+) is full/.exec(sender.notices[seen] ?? '')?.[1];
      if (name !== undefined) full.add(name);
    }
  }
}

it(`64 peers keep ${KEPT * 100} % of their rate beside ${FROZEN.length} frozen ones, in less than ${RESIDENT_MIB} MiB`, {
  timeout: paced(300_000),
}, async () => {
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  await using broker = await FaultBroker.start(folder.path, SETTINGS);
  await rates(peers, broker.port, 'warm');
  const before = await rates(peers, broker.port, 'before');
  const beforeMiB = broker.residentMiB;
  let beside: readonly number[] = [];
  let crowdedMiB = 0;
  {
    using crowd = new Peers(ledger);
    for (const peer of await crowd.back(broker.port, FROZEN)) peer.freeze();
    const [sender] = (await peers.back(broker.port, ['sender'])) as [LedgerPeer];
    await fillAll(sender);
    crowdedMiB = broker.residentMiB;
    beside = await rates(peers, broker.port, 'beside');
  }
  const after = await rates(peers, broker.port, 'after');
  // What is free is found to be free while life goes on.
  for (let round = 0; round < ROUNDS && broker.residentMiB - beforeMiB >= LEFT_OVER_MIB; round++) {
    await rates(peers, broker.port, `later${round}-`);
  }
  const afterMiB = broker.residentMiB;
  const figures = JSON.stringify({ before, beside, after, beforeMiB, crowdedMiB, afterMiB });
  // The best beside the crowd against the worst without it: a crowd that costs so much shows in every window.
  expect(Math.max(...beside) / Math.min(...before, ...after), figures).toBeGreaterThan(KEPT);
  expect(crowdedMiB, figures).toBeLessThan(RESIDENT_MIB);
  expect(afterMiB - beforeMiB, figures).toBeLessThan(LEFT_OVER_MIB);
  expect(ledger.faults()).toEqual([]);
});
