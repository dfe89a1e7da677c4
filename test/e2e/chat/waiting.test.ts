/** A second peer with a taken name neither sends nor receives. It gets the name when the first has left. */
import { expect, it } from 'vitest';
import { GATE_BYTES } from '../../../src/session/reader/name-gate.ts';
import { MAX_WAITING_A_NAME } from '../../../workers/names/name-queue.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { gotNumber, numbered, numbersFrom, range } from '../../helpers/mail.ts';
import type { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

const WAITS = '* bob is taken: you wait until it is free\n';

/** A second bob, which has been told that it waits. */
async function secondOf(broker: TestBroker): Promise<Peer> {
  const second = await broker.peer('bob');
  await second.got(WAITS);
  return second;
}

it('a peer that waits for its name sends nothing, and its lines are sent when it has the name', async () => {
  await using broker = await startBroker();
  const alice = await broker.peer('alice');
  const bob = await broker.peer('bob');
  const second = await secondOf(broker);
  second.send('alice: from the second\nalice: and more');
  alice.send('bob: for the first\n');
  await bob.got('from alice: for the first\n');
  await broker.quiet();
  expect([alice.received, second.received]).toEqual(['', WAITS]);
  await bob.leave();
  await second.got('* bob is yours now: 0 messages waited\n');
  second.send('\n');
  await alice.got('from bob: and more\n');
  alice.send('bob: for the second\n');
  await second.got('from alice: for the second\n');
  expect(alice.received).toBe('from bob: from the second\nfrom bob: and more\n');
  expect(second.received).toBe(`${WAITS}* bob is yours now: 0 messages waited\nfrom alice: for the second\n`);
});

it('mail that the first did not take goes to the second: all, once, in order, after the notice', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited' });
  const alice = await broker.peer('alice');
  const bob = await broker.peer('bob');
  bob.freeze();
  alice.send(numbered('bob', 0, 800, 50_000)); // more than the buffers of any system take for one connection
  await broker.quiet();
  await until(() => (broker.backlogOf(bob) ?? 0) > 0, 'the system to be full');
  const second = await secondOf(broker);
  bob.reset();
  await gotNumber(second, 'alice', 799);
  const got = numbersFrom('alice', second.received);
  expect(got).toEqual(range(800 - got.length, 800));
  expect(second.received.slice(0, 200)).toMatch(
    new RegExp(`^\\${WAITS}\\* bob is yours now: ${got.length} messages waited\nfrom alice: `),
  );
});

it('waiting peers get the name in the order in which they came; one that has left is skipped', async () => {
  await using broker = await startBroker();
  const bob = await broker.peer('bob');
  const waiting = [await secondOf(broker), await secondOf(broker), await secondOf(broker)] as const;
  await waiting[1].leave();
  await bob.leave();
  await waiting[0].got('* bob is yours now');
  expect(waiting[2].received).toBe(WAITS);
  await waiting[0].leave();
  await waiting[2].got('* bob is yours now');
  expect(waiting[1].received).toBe(WAITS);
});

it('a waiting peer that ends its side is told that nothing was sent, and nothing is', async () => {
  await using broker = await startBroker();
  const alice = await broker.peer('alice');
  await broker.peer('bob');
  const told = await secondOf(broker);
  told.send('alice: forged\n');
  await told.leave();
  const brief = await broker.connect();
  brief.send('bob\nalice: forged\n');
  await brief.leave();
  await broker.quiet();
  const unsent = '* bob is taken: nothing that you wrote was sent\n';
  expect([told.received, brief.received, alice.received]).toEqual([`${WAITS}${unsent}`, unsent, '']);
});

it('a peer whose name is just about to be free is not told that it is taken', async () => {
  await using broker = await startBroker();
  for (let round = 0; round < 50; round++) {
    const first = await broker.connect();
    first.send('bob\n');
    await broker.quiet();
    const second = await broker.connect();
    first.end();
    second.send('bob\nbob: mine\n');
    await second.got('from bob: mine\n');
    expect(second.received).toBe('* you are bob\nfrom bob: mine\n');
    second.destroy();
  }
});

it('lines behind the name are sent, though the stream ends at once', async () => {
  await using broker = await startBroker();
  const alice = await broker.peer('alice');
  for (let round = 0; round < 20; round++) {
    const brief = await broker.connect();
    brief.send(`brief${round}\nalice: ${round}\nalice: end`);
    await brief.leave();
    await alice.got(`from brief${round}: ${round}\nfrom brief${round}: end\n`);
  }
});

it('of a waiting peer no more is read than fits, and all of it is sent in the end', async () => {
  await using broker = await startBroker();
  const alice = await broker.peer('alice');
  const bob = await broker.peer('bob');
  const second = await secondOf(broker);
  const lines = numbered('alice', 0, 4_000, 1_000);
  second.send(lines);
  const end = broker.endOf(second);
  await until(() => end?.isPaused() === true, 'enough to be read');
  expect(end?.bytesRead).toBeLessThan(3 * GATE_BYTES);
  await bob.leave();
  await gotNumber(alice, 'bob', 3_999);
  expect(numbersFrom('bob', alice.received)).toEqual(range(0, 4_000));
});

it('a crash of the shard changes neither the holder of a name nor the order of those that wait', async () => {
  await using broker = await startBroker({ SHARDS: 1 });
  const bob = await broker.peer('bob');
  const waiting = [await secondOf(broker), await secondOf(broker)] as const;
  await broker.broker.control(0)?.throwAtNextBatch('shard');
  void broker.broker.flushed();
  await until(() => broker.broker.control(0) === undefined, 'the crash');
  bob.send('bob: still mine\n');
  await bob.got('from bob: still mine\n');
  await bob.leave();
  await waiting[0].got('* bob is yours now');
  await waiting[0].leave();
  await waiting[1].got('* bob is yours now');
  expect(waiting[1].received).toBe(`${WAITS}* bob is yours now: 0 messages waited\n`);
});

it('a crowd at one name is refused beyond the limit, and told why', async () => {
  await using broker = await startBroker();
  const alice = await broker.peer('alice');
  await broker.peer('bob');
  for (let i = 0; i < MAX_WAITING_A_NAME; i++) await broker.peer('bob');
  const last = await broker.connect();
  last.send('bob\nalice: forged\n');
  await last.gone();
  expect(last.received).toBe('* your name is taken, and too many wait for it already\n');
  expect(alice.received).toBe('');
});

it('a peer that waits for its name can quit', async () => {
  await using broker = await startBroker();
  await broker.peer('bob');
  const second = await broker.connect();
  second.send('bob\n');
  await second.got('* bob is taken: you wait until it is free\n');
  second.send('/quit\n');
  await second.gone();
  expect(second.received).toBe('* bob is taken: you wait until it is free\n* goodbye\n');
});
