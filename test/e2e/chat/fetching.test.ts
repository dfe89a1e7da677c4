/** A peer only fetches its mail: it says its name and ends its side at once, as `echo bob | nc -N` does. */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { gotNumber, numbered, numbersFrom, range } from '../../helpers/mail.ts';
import { paced, pacedNow } from '../../helpers/pace/pace.ts';
import type { Peer } from '../../helpers/peer.ts';
import { until } from '../../helpers/until.ts';

const COUNT = 5_000;
/** 15 MB in all: more than the buffers of the system take for one connection. */
const MANY = 300;
const LARGE = 50_000;

/** Sends mail of alice for bob, which is away. */
async function holdMail(broker: TestBroker, lines: string): Promise<Peer> {
  await (await broker.peer('bob')).leave();
  const alice = await broker.peer('alice');
  alice.send(`${lines}alice: all held\n`);
  await alice.got('from alice: all held\n');
  await broker.quiet();
  return alice;
}

/** Says the name and ends its side. Resolves at the end of the stream. */
async function fetched(broker: TestBroker): Promise<Peer> {
  const bob = await broker.connect();
  bob.send('bob\n');
  await bob.leave();
  return bob;
}

describe.each(['on', 'off'])('a peer that only fetches, with STRICT=%s,', (strict) => {
  it('gets all its held mail once, many times its window', async () => {
    await using broker = await startBroker({ STRICT: strict, WRITE_WINDOW_BYTES: '16KiB', MAX_LINE_BYTES: '8KiB' });
    await holdMail(broker, numbered('bob', 0, COUNT, 100));
    const bob = await fetched(broker);
    expect(numbersFrom('alice', bob.received)).toEqual(range(0, COUNT));
    expect((await fetched(broker)).received).toBe('* you are bob\n');
    expect(await broker.held()).toBe(0);
  });

  it('gets its mail as any peer does, and its lines are sent', async () => {
    await using broker = await startBroker({ STRICT: strict });
    const alice = await holdMail(broker, numbered('bob', 0, 3));
    const bob = await broker.connect();
    bob.send('bob\nalice: thanks');
    await bob.leave();
    await alice.got('from bob: thanks\n');
    expect(numbersFrom('alice', bob.received)).toEqual(range(0, 3));
  });
});

it('a fetching peer is not kept by mail that comes meanwhile', async () => {
  await using broker = await startBroker();
  const alice = await holdMail(broker, numbered('bob', 0, 200));
  let next = 200;
  let gone = false;
  const flood = async () => {
    while (!gone) {
      alice.send(numbered('bob', next, next + 10));
      next += 10;
      await broker.broker.flushed();
    }
  };
  const flooding = flood();
  const bob = await fetched(broker);
  gone = true;
  await flooding;
  await broker.quiet();
  const rest = await fetched(broker);
  const first = numbersFrom('alice', bob.received);
  expect(first.length).toBeGreaterThanOrEqual(200);
  expect([...first, ...numbersFrom('alice', rest.received)]).toEqual(range(0, next));
});

it('a fetching peer that does not read delays no shutdown, and its mail stays', async () => {
  const broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited', DRAIN_SECONDS: 2 });
  await holdMail(broker, numbered('bob', 0, MANY, LARGE));
  const bob = await broker.connect();
  bob.freeze();
  bob.send('bob\n').end();
  await until(() => (broker.backlogOf(bob) ?? 0) > 0, 'the system to be full');
  const before = performance.now();
  await broker.broker.stop();
  expect(performance.now() - before).toBeLessThan(pacedNow(4_000));
  await broker[Symbol.asyncDispose]();
});

it('a fetching peer that resets its connection frees its name at once', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited' });
  await holdMail(broker, numbered('bob', 0, MANY, LARGE));
  const bob = await broker.connect();
  bob.freeze();
  bob.send('bob\n').end();
  await until(() => (broker.backlogOf(bob) ?? 0) > 0, 'the system to be full');
  bob.reset();
  const again = await fetched(broker);
  const got = numbersFrom('alice', again.received);
  expect(got).toEqual(range(MANY - got.length, MANY));
  expect(again.received).not.toContain('taken');
});

it('a fetching peer that never reads keeps its name for a time, and then the next peer gets name and mail', {
  timeout: paced(60_000),
}, async () => {
  await using broker = await startBroker({ MAILBOX_MAX_BYTES: 'unlimited' });
  await holdMail(broker, numbered('bob', 0, MANY, LARGE));
  const bob = await broker.connect();
  bob.freeze();
  bob.send('bob\n').end();
  await until(() => (broker.backlogOf(bob) ?? 0) > 0, 'the system to be full');
  const next = await broker.peer('bob');
  await next.got('* bob is yours now');
  await gotNumber(next, 'alice', MANY - 1);
  const got = numbersFrom('alice', next.received);
  expect(got).toEqual(range(MANY - got.length, MANY));
});

it('a fetching peer leaves at once if nothing is held', async () => {
  await using broker = await startBroker({ HOLD_SECONDS: 0 });
  expect((await fetched(broker)).received).toBe('* you are bob\n');
});
