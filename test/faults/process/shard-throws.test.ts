/** A shard that throws again and again loses no mail that was called held, and keeps the order. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { fastOrLong } from '../../helpers/faults/broker.ts';
import { Ledger } from '../../helpers/faults/ledger.ts';
import { type LedgerPeer, Peers } from '../../helpers/faults/peer.ts';
import { Choices } from '../../helpers/faults/random.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { until } from '../../helpers/until.ts';

/** How long a sender waits for notices about all its mail. A line that was lost with its shard gets no notice. */
const TOLD_MS = 100;
const CRASHES = fastOrLong(5, 50);
const SHARDS = 3;
const AWAY = Array.from({ length: 30 }, (_, i) => `away${i}`);
const HERE = Array.from({ length: 6 }, (_, i) => `here${i}`);
const SENDERS = ['sender0', 'sender1', 'sender2'];

/** Makes one shard throw at the next batch, under a load that soon sends it one. */
async function crash(broker: TestBroker, choices: Choices): Promise<number> {
  const shard = choices.between(0, SHARDS);
  await until(() => broker.broker.control(shard) !== undefined, `shard ${shard} to be up`);
  const control = broker.broker.control(shard);
  // Not awaited, because under load the thread can be gone before its answer.
  void control?.throwAtNextBatch(choices.of(['shard', 'thread']));
  await until(() => broker.broker.control(shard) !== control, `shard ${shard} to crash`);
  return shard;
}

/** Runs one session after another. Each writes to all absent names, and waits until its mail is called held. */
async function write(peers: Peers, port: number, name: string, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const peer = await peers.connect(port, name);
    peer.send([...AWAY, ...HERE]);
    // A line that was lost with the shard gets no notice. A later line would then get it, and the two could not be told
    // apart.
    const held = Promise.all(AWAY.map((away) => peer.sawHeld(away))).then(() => true);
    const told = await Promise.race([held, sleep(paced(TOLD_MS), false)]);
    for (let i = 0; told && i < 3; i++) peer.send([...AWAY, ...HERE], 500);
    await peer.leave();
  }
}

/** Lets the absent come and leave. Each must get the mail that is held for it, and each message once. */
async function visits(peers: Peers, port: number, choices: Choices, stopped: () => boolean): Promise<void> {
  while (!stopped()) {
    const some = AWAY.filter(() => choices.chance(0.2));
    const here: LedgerPeer[] = [];
    for (const name of some) here.push(await peers.connect(port, name));
    await sleep(choices.between(1, 30));
    for (const peer of here) await peer.leave();
  }
}

it(`all mail that was called held arrives in order, though shards throw ${CRASHES} times`, {
  timeout: paced(CRASHES * 60_000),
}, async () => {
  const choices = new Choices();
  const ledger = new Ledger();
  using peers = new Peers(ledger);
  await using broker = await startBroker({
    SHARDS,
    MAILBOX_MAX_MESSAGES: 'unlimited',
    MAILBOX_MAX_BYTES: 'unlimited',
  });
  await peers.visit(broker.port, AWAY);
  await peers.back(broker.port, HERE);
  let stop = false;
  const stopped = () => stop;
  const load = Promise.all([
    ...SENDERS.map((name) => write(peers, broker.port, name, stopped)),
    visits(peers, broker.port, choices, stopped),
  ]);
  for (let i = 0; i < CRASHES; i++) {
    // A crash shows nothing unless mail is called held before it.
    const due = ledger.totals.promised + AWAY.length;
    await until(() => ledger.totals.promised >= due, 'mail to be called held');
    await sleep(paced(choices.between(0, 200)));
    const shard = await crash(broker, choices);
    ledger.crash((name) => shardOf(hashName(Buffer.from(name)), SHARDS) === shard);
  }
  stop = true;
  await load;
  await peers.visit(broker.port, AWAY);
  const faults = ledger.faults((name) => AWAY.includes(name));
  expect(faults, `seed ${choices.seed}, ${JSON.stringify(ledger.totals)}`).toEqual([]);
});
