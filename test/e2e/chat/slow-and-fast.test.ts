/** No peer waits for another: slow readers, fast senders, full mailboxes. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { gotNumber, numbered, numbersFrom, range } from '../../helpers/mail.ts';
import { until } from '../../helpers/until.ts';

it('a peer that never reads costs only its limits, and others chat on', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: '1MiB', SHARDS: 1 });
  const alice = await broker.peer('alice');
  const frozen = await broker.peer('frozen');
  const carol = await broker.peer('carol');
  const dave = await broker.peer('dave');
  frozen.freeze();
  alice.send(numbered('frozen', 0, 400, 50_000));
  await alice.got('* the mailbox of frozen is full: mail is refused\n');
  await broker.quiet();
  const stats = await broker.broker.view.stats();
  expect(stats.heldBytes).toBeLessThanOrEqual(1024 * 1024);
  expect(stats.dropped.mailbox_bytes).toBeGreaterThan(0);
  carol.send(numbered('dave', 0, 100));
  await broker.quiet();
  expect(numbersFrom('carol', dave.received)).toEqual(range(0, 100));
  // The kernel still takes a little, so the mailbox can become full more than once. But there is not a notice for each
  // message.
  const notices = alice.received.match(/\* the mailbox of frozen is full: mail is refused\n/g) ?? [];
  expect(notices.join('')).toBe(alice.received);
  expect(notices.length).toBeLessThan(stats.dropped.mailbox_bytes / 5);
  frozen.freeze(false);
  await broker.emptied();
  const got = numbersFrom('alice', frozen.received);
  const after = await broker.broker.view.stats();
  expect(got).toEqual([...new Set(got)].sort((a, b) => a - b));
  expect(got.length + after.dropped.mailbox_bytes).toBe(400);
});

it('a writer has at most a window of bytes that it has not written', async () => {
  await using broker = await startBroker({ WRITE_WINDOW_BYTES: 100_000, MAX_LINE_BYTES: 10_000, SHARDS: 1 });
  const alice = await broker.peer('alice');
  const bob = await broker.peer('bob');
  bob.freeze();
  alice.send(numbered('bob', 0, 1500, 9_000));
  await broker.quiet();
  const stats = await broker.broker.view.stats();
  const handed = stats.delivered * 9_000;
  expect(handed - (broker.endOf(bob)?.bytesWritten ?? 0)).toBeLessThanOrEqual(100_000);
  expect(broker.backlogOf(bob)).toBeLessThanOrEqual(100_000);
  bob.freeze(false);
  await gotNumber(bob, 'alice', 1499);
  expect(numbersFrom('alice', bob.received)).toEqual(range(0, 1500));
  expect(alice.received).toBe('');
});

it('a frame larger than the window is delivered all the same', async () => {
  await using broker = await startBroker({ WRITE_WINDOW_BYTES: 100 });
  const alice = await broker.peer('alice');
  const bob = await broker.peer('bob');
  alice.send(numbered('bob', 0, 20, 1_000));
  await broker.quiet();
  await gotNumber(bob, 'alice', 19);
  expect(numbersFrom('alice', bob.received)).toEqual(range(0, 20));
  expect(alice.received).toBe('');
});

it.each([1, 5])('a flood over %i shards arrives whole and in order', async (shards) => {
  await using broker = await startBroker({ SHARDS: shards, MAILBOX_MAX_MESSAGES: 'unlimited' });
  const names = ['b0', 'b1', 'b2', 'b3'];
  const senders = [await broker.peer('a0'), await broker.peer('a1')];
  const receivers = await Promise.all(names.map((name) => broker.peer(name)));
  for (const sender of senders) sender.send(numbered(names.join(','), 0, 20_000, 100));
  const bytes = 2 * Buffer.byteLength(numbered('from a0', 0, 20_000, 100));
  await until(() => receivers.every((peer) => peer.receivedBytes >= bytes), 'the flood');
  await broker.quiet();
  for (const peer of receivers) {
    expect(numbersFrom('a0', peer.received)).toEqual(range(0, 20_000));
    expect(numbersFrom('a1', peer.received)).toEqual(range(0, 20_000));
  }
  for (const sender of senders) expect(sender.received).toBe('');
});
