/** A crowd of frozen readers with full windows: other peers chat on, and memory stays bounded. */
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
/** Rates are taken in several windows of time, because the other load of the machine changes. */
const WINDOWS = 3;
const WINDOW_MS = fastOrLong(400, 2_000);
/** The part of their rate that other peers must keep. */
const KEPT = fastOrLong(0.5, 0.8);
const RESIDENT_MIB = 400;
/** How often the test checks whether the memory of the crowd has been freed. */
const ROUNDS = 10;
/** The most memory that may remain when the crowd is gone. The heaps of two threads have grown, and keep some of it. */
const LEFT_OVER_MIB = 150;
const MESSAGE_BYTES = 32_000;
/**
 * A mailbox this small takes none of the messages, so a frozen reader costs only its window. With glibc's default
 * threshold freed memory would not go back to the system (see the README), and would look as if it were in use.
 */
const SETTINGS = { MAILBOX_MAX_BYTES: '1KiB', DRAIN_SECONDS: String(paced(3)), MALLOC_MMAP_THRESHOLD_: '16384' };
/** A sender gets notices about at most 64 names a second, so it writes to this many names at a time. */
const AT_A_TIME = 60;
const FILLED_WITHIN_MS = 60_000;

/** The round trips a second of 64 peers that chat, for each window of time. */
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

/**
 * Writes to all frozen readers until the broker says of each that its mailbox is full. Its window is full by then, too.
 */
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
  // Memory is returned to the system only while the broker works.
  for (let round = 0; round < ROUNDS && broker.residentMiB - beforeMiB >= LEFT_OVER_MIB; round++) {
    await rates(peers, broker.port, `later${round}-`);
  }
  const afterMiB = broker.residentMiB;
  const figures = JSON.stringify({ before, beside, after, beforeMiB, crowdedMiB, afterMiB });
  // Compares the best rate beside the crowd with the worst without it. A real cost of the crowd shows in every window.
  expect(Math.max(...beside) / Math.min(...before, ...after), figures).toBeGreaterThan(KEPT);
  expect(crowdedMiB, figures).toBeLessThan(RESIDENT_MIB);
  expect(afterMiB - beforeMiB, figures).toBeLessThan(LEFT_OVER_MIB);
  expect(ledger.faults()).toEqual([]);
});
