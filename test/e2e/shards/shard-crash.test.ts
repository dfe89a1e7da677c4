/**
 * A shard that throws is started again. Records that were not posted yet go to its next life, and other peers go on.
 */
import { expect, it } from 'vitest';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import type { CrashSite } from '../../../src/shared/wire/port/control.ts';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { gotNumber, numbered, numbersFrom, range } from '../../helpers/mail.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { inTime, until } from '../../helpers/until.ts';

/** A window as large as the longest line is open from the start, so all mail goes to the writer at once. */
const OPEN_WINDOW = { WRITE_WINDOW_BYTES: '64MiB', MAX_LINE_BYTES: '64MiB' };

/** How long the supervisor waits after the first crash, and at most. The wait doubles with each crash. */
const FIRST_RESTART_DELAY_MS = 50;
const LONGEST_RESTART_DELAY_MS = 5_000;
/** A shard that is down for this long is still down when a test has finished its steps. */
const LONG_MS = 400;

/** A name that begins with `prefix` and belongs to shard number `shard` of two. */
function nameOn(shard: number, prefix: string): string {
  for (let i = 0; ; i++) {
    const name = `${prefix}${i}`;
    if (shardOf(hashName(Buffer.from(name)), 2) === shard) return name;
  }
}

/** Makes shard 0 crash at its next batch, and sends it one. */
async function crash(broker: TestBroker, site: CrashSite = 'shard'): Promise<void> {
  const control = broker.broker.control(0);
  await control?.throwAtNextBatch(site);
  void broker.broker.flushed();
  await until(() => broker.broker.control(0) === undefined, 'the crash');
}

/** Crashes shard 0 again and again, until the supervisor waits long enough. */
async function crashForLong(broker: TestBroker, site?: CrashSite): Promise<void> {
  const longMs = Math.min(paced(LONG_MS), LONGEST_RESTART_DELAY_MS / 2);
  for (let delayMs = FIRST_RESTART_DELAY_MS; delayMs < 2 * longMs; delayMs *= 2) {
    await until(() => broker.broker.control(0) !== undefined, 'the shard to be started again');
    await broker.broker.flushed();
    await crash(broker, site);
  }
}

const victim = nameOn(0, 'victim');
const bystander = nameOn(1, 'bystander');
const sender = nameOn(1, 'sender');

it.each(['shard', 'thread'] as const)(
  'peers of a crashed %s are attached again, and those of others are not affected',
  async (site) => {
    await using broker = await startBroker();
    const one = await broker.peer(victim);
    const second = await broker.peer(victim);
    await second.got('taken');
    const two = await broker.peer(bystander);
    const alice = await broker.peer(sender);
    await crashForLong(broker, site);
    alice.send(`${bystander}: while it is down\n${victim}: waits for it\n`);
    await two.got('while it is down');
    expect(broker.broker.control(0)).toBeUndefined();
    await one.got('waits for it');
    alice.send(`${victim}: after\n`);
    await broker.quiet();
    expect(one.received).toBe(`from ${sender}: waits for it\nfrom ${sender}: after\n`);
    expect(second.received).toBe(`* ${victim} is taken: you wait until it is free\n`);
    expect(two.received).toBe(`from ${sender}: while it is down\n`);
  },
);

it('frames that a crashed shard had handed to a writer are written, or returned to its next life', async () => {
  await using broker = await startBroker({ ...OPEN_WINDOW, MAILBOX_MAX_BYTES: 'unlimited' });
  const one = await broker.peer(victim);
  const alice = await broker.peer(sender);
  one.freeze();
  alice.send(numbered(victim, 0, 500, 50_000));
  await broker.quiet();
  await until(() => (broker.backlogOf(one) ?? 0) > 0, 'the system to be full');
  await crash(broker);
  one.end();
  one.freeze(false);
  await one.gone();
  const again = await broker.peer(victim);
  await gotNumber(again, sender, 499);
  const first = numbersFrom(sender, one.received);
  expect(first.length).toBeLessThan(500);
  expect([...first, ...numbersFrom(sender, again.received)]).toEqual(range(0, 500));
});

it('a shard that crashes again and again is started again each time', async () => {
  await using broker = await startBroker();
  const one = await broker.peer(victim);
  const two = await broker.peer(bystander);
  const alice = await broker.peer(sender);
  for (let i = 0; i < 4; i++) {
    await crash(broker);
    alice.send(`${victim}: ${i}\n`);
    await one.got(`from ${sender}: ${i}\n`);
  }
  expect(numbersFrom(sender, one.received)).toEqual(range(0, 4));
  expect(two.received).toBe('');
});

it('a sender that leaves while the shard it feeds cannot follow loses nothing it has sent', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_MESSAGES: 'unlimited' });
  const one = await broker.peer(victim);
  const two = await broker.peer(bystander);
  await crashForLong(broker);
  const filler = await broker.connect();
  filler.send(`${nameOn(1, 'filler')}\n${numbered(victim, 0, 20_000, 200)}`); // four times the high-water mark
  await until(() => broker.endOf(filler)?.isPaused() === true, 'the shard to be congested');
  const alice = await broker.connect();
  alice.send(`${sender}\n${numbered(victim, 0, 100)}`).end();
  await until(() => broker.endOf(alice)?.bytesRead === alice.sentBytes, 'the sender to be read');
  expect(broker.broker.control(0)).toBeUndefined();
  await alice.gone();
  await gotNumber(one, nameOn(1, 'filler'), 19_999);
  await broker.quiet();
  expect(numbersFrom(sender, one.received)).toEqual(range(0, 100));
  expect(numbersFrom(nameOn(1, 'filler'), one.received)).toEqual(range(0, 20_000));
  expect(two.received).toBe('');
  expect(alice.mail).toBe('');
});

it('a peer that comes and leaves while its shard is down does no harm to its name', async () => {
  await using broker = await startBroker();
  const two = await broker.peer(bystander);
  await crashForLong(broker);
  const brief = await broker.connect();
  brief.send(`${victim}\n${victim}: to myself\n`);
  brief.end(); // but it stays until its shard has answered for the name
  const one = await broker.connect();
  one.send(`${victim}\n`);
  await brief.gone();
  two.send(`${victim}: hello\n`);
  await one.got(`from ${bystander}: hello\n`);
  expect(brief.mail + one.mail).toBe(`from ${victim}: to myself\nfrom ${bystander}: hello\n`);
  expect(two.received).toBe('');
});

it('mail that was sent to a peer while its shard was down is kept in order when the peer leaves meanwhile', async () => {
  await using broker = await startBroker({ ...OPEN_WINDOW, MAILBOX_MAX_BYTES: 'unlimited' });
  const alice = await broker.peer(sender);
  const one = await broker.peer(victim);
  one.freeze();
  alice.send(numbered(victim, 0, 500, 50_000));
  await broker.quiet();
  const end = broker.endOf(one);
  await until(() => (broker.backlogOf(one) ?? 0) > 0, 'the system to be full');
  await crashForLong(broker);
  alice.send(numbered(victim, 500, 510));
  await until(() => broker.endOf(alice)?.bytesRead === alice.sentBytes, 'the newer mail to be read');
  one.reset();
  await until(() => end?.destroyed === true, 'the reset to be seen');
  const again = await broker.connect();
  again.send(`${victim}\n`);
  expect(broker.broker.control(0)).toBeUndefined();
  await gotNumber(again, sender, 509);
  const back = numbersFrom(sender, again.received);
  expect(back).toEqual(range(510 - back.length, 510));
  expect(back.length).toBeGreaterThan(10);
  expect(alice.received).toBe('');
});

it('lines that were read before a stop are sent, though the shard of their sender is down and has not answered for its name', async () => {
  await using broker = await startBroker({ WRITE_WINDOW_BYTES: '1KiB', MAX_LINE_BYTES: '1KiB', HOLD_SECONDS: 0 });
  const two = await broker.peer(bystander);
  await crashForLong(broker);
  const one = await broker.connect();
  one.send(`${victim}\n${numbered(bystander, 0, 100, 500)}`);
  await until(() => broker.endOf(one)?.bytesRead === one.sentBytes, 'all to be read');
  await broker.broker.stop();
  await two.gone();
  expect(numbersFrom(victim, two.received)).toEqual(range(0, 100));
});

it('statistics leave out a shard that crashes before it answers', async () => {
  await using broker = await startBroker();
  const { view } = broker.broker;
  const control = broker.broker.control(0);
  await control?.throwAtNextBatch('shard');
  void broker.broker.flushed();
  const asked: ReturnType<typeof view.stats>[] = [];
  while (broker.broker.control(0) === control) {
    asked.push(view.stats());
    await new Promise(setImmediate);
  }
  const figures = await inTime(Promise.all(asked), 'all figures');
  expect(figures.at(-1)).toMatchObject({ shards: 2, shardsUp: 1 });
});

it('a broker whose shard is down can be stopped', async () => {
  const broker = await startBroker();
  await broker.peer(victim);
  await crash(broker);
  await broker[Symbol.asyncDispose]();
  expect(broker.broker.view.sessions()).toEqual([]);
});
