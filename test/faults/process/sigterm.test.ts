/**
 * SIGTERM under load: the broker stops in time, and the next broker on the same folder delivers everything that was
 * read.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { FaultBroker, fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { type LedgerPeer, Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';

const ROUNDS = fastOrLong(2, 25);
const DRAIN_SECONDS = paced(4);
const LIMITS = {
  DRAIN_SECONDS: String(DRAIN_SECONDS),
  MAILBOX_MAX_MESSAGES: 'unlimited',
  MAILBOX_MAX_BYTES: 'unlimited',
};
const AWAY = ['away0', 'away1', 'away2', 'away3', 'away4'];
const READERS = ['reader0', 'reader1', 'reader2', 'reader3'];
const FROZEN = ['frozen0', 'frozen1'];
const SENDERS = ['sender0', 'sender1', 'sender2'];
const RECIPIENTS = [...AWAY, ...READERS, ...FROZEN];
/** Enough large messages that the system does not take all of them for a frozen reader. */
const LARGE = 40_000;
const LARGE_MESSAGES = 200;
/** So many lines to each name before a sender asks whether they have been read. */
const BURST = 5;
/** The extra time for a busy machine. */
const GRACE_SECONDS = 1;

/** Writes to all names until the stream ends. What the broker has shown to have read is promised. */
async function write(peer: LedgerPeer, ledger: Ledger, choices: Choices): Promise<void> {
  while (!peer.over) {
    for (let i = 0; i < BURST; i++) peer.send(RECIPIENTS, choices.of([16, 200, 2_000]));
    const upTo = ledger.now(peer.name);
    if (!(await peer.mark())) return;
    ledger.read(peer.name, upTo);
  }
}

/** Writes more to each frozen peer than it takes. Resolves when the broker has read everything. */
async function fill(peer: LedgerPeer, ledger: Ledger): Promise<void> {
  for (let i = 0; i < LARGE_MESSAGES; i++) {
    peer.send(FROZEN, LARGE);
    if (i % 20 === 19) await peer.mark();
  }
  ledger.read(peer.name);
}

it(`each of ${ROUNDS} SIGTERM under load stops the broker with exit code 0 within DRAIN_SECONDS; all it had read arrives once`, {
  timeout: paced(ROUNDS * 90_000),
}, async () => {
  const choices = new Choices();
  const ledger = new Ledger();
  using folder = temporaryFolder();
  using peers = new Peers(ledger);
  const start = () => FaultBroker.start(folder.path, { ...LIMITS, SHARDS: String(choices.of([1, 2, 3])) });
  for (let round = 0; round < ROUNDS; round++) {
    await using broker = await start();
    await peers.visit(broker.port, AWAY);
    await peers.back(broker.port, READERS);
    const frozen = await peers.back(broker.port, FROZEN);
    expect(ledger.faults(), `seed ${choices.seed}, round ${round}`).toEqual([]);
    for (const peer of frozen) peer.freeze();
    const senders = await peers.back(broker.port, SENDERS);
    const [first] = senders;
    if (first !== undefined) await fill(first, ledger);
    const writing = Promise.all(senders.map((peer) => write(peer, ledger, choices)));
    await sleep(choices.between(20, 300));
    const { code, seconds } = await broker.terminate();
    expect(code, broker.process.stdout).toBe(0);
    expect(seconds).toBeLessThan(DRAIN_SECONDS + pacedNow(GRACE_SECONDS));
    await writing;
    // What the system had taken for the frozen readers still arrives.
    for (const peer of frozen) peer.freeze(false);
    await peers.ended();
    ledger.restart();
  }
  await using broker = await start();
  await peers.visit(broker.port, RECIPIENTS);
  expect(ledger.faults(), `seed ${choices.seed}`).toEqual([]);
  const { promised, repeated } = ledger.totals;
  expect(repeated).toBe(0);
  expect(promised).toBeGreaterThan(ROUNDS * LARGE_MESSAGES * FROZEN.length);
});
