/** Peers leave, and their writers return mail: what peers see of it. */
import { expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { gotNumber, numbered, numbersFrom, range } from '../../helpers/mail.ts';
import type { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

/** 40 MB: more than the buffers of any kernel take for one connection. */
const COUNT = 800;
const LARGE = 50_000;

/**
 * Sends more to `bob`, which does not read, than the kernel takes. Some of it is with the writer, and some in the
 * mailbox.
 */
async function flood(broker: TestBroker): Promise<{ alice: Peer; bob: Peer; carol: Peer }> {
  const alice = await broker.peer('alice');
  const carol = await broker.peer('carol');
  const bob = await broker.peer('bob');
  bob.freeze();
  alice.send(numbered('bob', 0, COUNT, LARGE));
  await broker.quiet();
  expect(await broker.held()).toBeGreaterThan(0);
  await until(() => (broker.backlogOf(bob) ?? 0) > 0, 'the system to be full');
  return { alice, bob, carol };
}

it('a peer that ends its side while mail waits gets the rest when it is back: all, once, in order', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited' });
  const { alice, bob, carol } = await flood(broker);
  bob.end();
  bob.freeze(false);
  await bob.gone();
  alice.send(numbered('bob', COUNT, COUNT + 5));
  await broker.quiet();
  const first = numbersFrom('alice', bob.received);
  expect(first.length).toBeLessThan(COUNT);
  const again = await broker.peer('bob');
  await gotNumber(again, 'alice', COUNT + 4);
  expect([...first, ...numbersFrom('alice', again.received)]).toEqual(range(0, COUNT + 5));
  expect(carol.received).toBe('');
});

it('a peer that resets its connection loses only what the kernel had taken, and gets nothing twice', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited' });
  const { bob } = await flood(broker);
  const end = broker.endOf(bob);
  bob.reset();
  await until(() => end?.destroyed === true, 'the reset to be seen');
  const again = await broker.peer('bob');
  await gotNumber(again, 'alice', COUNT - 1);
  const back = numbersFrom('alice', again.received);
  const seen = numbersFrom('alice', bob.received);
  const from = COUNT - back.length;
  expect(back).toEqual(range(from, COUNT));
  expect(seen).toEqual(range(0, seen.length));
  expect(from).toBeGreaterThanOrEqual(seen.length);
});

it('a name is freed only when the writer of its holder has finished', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited', STRICT: 'off' });
  const { alice, bob } = await flood(broker);
  bob.end(); // the reader ends; the writer has a write under way that bob does not read
  await until(() => broker.endOf(bob)?.readableEnded === true, 'the end of bob’s side');
  const early = await broker.peer('bob');
  expect(early.received).toBe('* bob is taken: you can send, and receive nothing\n');
  bob.freeze(false);
  await bob.gone();
  await broker.broker.flushed();
  const late = await broker.peer('bob');
  await gotNumber(late, 'alice', COUNT - 1);
  expect([...numbersFrom('alice', bob.received), ...numbersFrom('alice', late.received)]).toEqual(range(0, COUNT));
  expect(early.received).toBe('* bob is taken: you can send, and receive nothing\n');
  expect(alice.received).toBe('');
});

it('a name can be taken again as soon as its last peer has seen the end of the stream', async () => {
  await using broker = await startBroker({ SHARDS: 5 });
  const alice = await broker.peer('alice');
  for (let round = 0; round < 50; round++) {
    const bob = await broker.connect();
    bob.send('bob\nbob: echo\n');
    await bob.got('from bob: echo\n');
    alice.send(`bob: ${round}\n`);
    await bob.got(`from alice: ${round}\n`);
    await bob.leave();
    expect(bob.received).not.toContain('taken');
  }
});

it('reading fails first, then writing, with a reconnect between: the name is freed by the writer alone', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited', STRICT: 'off' });
  const { bob } = await flood(broker);
  const end = broker.endOf(bob);
  bob.end();
  await until(() => end?.readableEnded === true, 'the end of bob’s side');
  const between = await broker.peer('bob');
  expect(between.received).toBe('* bob is taken: you can send, and receive nothing\n');
  bob.reset();
  await until(() => end?.destroyed === true, 'the reset to be seen');
  const again = await broker.peer('bob');
  await gotNumber(again, 'alice', COUNT - 1);
  const back = numbersFrom('alice', again.received);
  expect(back).toEqual(range(COUNT - back.length, COUNT));
  expect(between.received).toBe('* bob is taken: you can send, and receive nothing\n');
});
