/** A program that acknowledges nothing costs its window and its mailbox, and delays nobody else. */
import { expect, it } from 'vitest';
import { startBroker } from '../../helpers/broker.ts';
import { fastOrLong } from '../../helpers/faults/broker.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';

const WINDOW = 16;
const MAILBOX = 100;
const SENT = 3 * (WINDOW + MAILBOX);
const TRIPS = fastOrLong(100, 1_000);
const WINDOWS = 3;
/** The part of their rate that others must keep: the best beside a frozen program against the worst without one. */
const KEPT = 0.5;

/** Sends to and fro between two programs. @returns the best and the worst of some rates, in round trips a second */
async function rates(ping: ProgramPeer, pong: ProgramPeer): Promise<{ best: number; worst: number }> {
  const found: number[] = [];
  for (let window = 0; window < WINDOWS; window++) {
    const before = performance.now();
    const from = [ping, pong].map((each) => each.peer.receivedBytes);
    for (let trip = 0; trip < TRIPS; trip++) {
      await hop(ping, pong, 'pong');
      await hop(pong, ping, 'ping');
    }
    found.push((TRIPS * 1_000) / (performance.now() - before));
    expect(from.every((bytes, at) => bytes < ([ping, pong][at]?.peer.receivedBytes ?? 0))).toBe(true);
  }
  return { best: Math.max(...found), worst: Math.min(...found) };
}

async function hop(from: ProgramPeer, to: ProgramPeer, name: string): Promise<void> {
  const before = to.peer.receivedBytes;
  from.say({ type: 'send', to: name, body: 'hop' });
  await until(() => to.peer.receivedBytes > before, `a hop to ${name}`);
}

it('a program that acknowledges nothing gets its window, and its mailbox is filled; others go on, and all comes again', async () => {
  await using broker = await startBroker({ MAILBOX_MAX_MESSAGES: MAILBOX, FAIR_RESERVE_PERCENT: 0 });
  const [ping, pong] = [
    await ProgramPeer.hello(broker, { name: 'ping', ack: false }),
    await ProgramPeer.hello(broker, { name: 'pong', ack: false }),
  ];
  const before = await rates(ping, pong);
  const ann = await ProgramPeer.hello(broker, { name: 'ann' });
  const bob = await ProgramPeer.hello(broker, { name: 'bob', window: WINDOW });
  for (let i = 0; i < SENT; i++) ann.say({ type: 'send', id: `${i}`, to: 'bob', body: i });
  const answers = await ann.got('accepted', SENT);
  const idsOf = (outcome: string) => {
    const found = answers.filter(({ to }) => (to as { bob: string }).bob === outcome);
    return found.map(({ id }) => Number(id));
  };
  const taken = idsOf('taken');
  expect(taken).toEqual(Array.from({ length: WINDOW + MAILBOX }, (_, i) => i));
  expect(idsOf('full')).toHaveLength(SENT - taken.length);
  const beside = await rates(ping, pong);
  expect(beside.best / before.worst, JSON.stringify({ before, beside })).toBeGreaterThan(KEPT);
  await broker.quiet();
  expect([bob.bodies, await broker.held()]).toEqual([taken.slice(0, WINDOW), MAILBOX]);
  bob.peer.reset();
  await until(() => broker.broker.view.sessions().length === 3, 'bob to have left');
  const again = await ProgramPeer.hello(broker, { name: 'bob', window: 10_000 });
  const came = await again.got('message', taken.length);
  expect(came.map(({ body }) => body)).toEqual(taken);
  expect(came.map(({ redelivered }) => redelivered === true)).toEqual(taken.map((_, at) => at < WINDOW));
  expect(again.of('welcome')).toMatchObject([{ waiting: taken.length }]);
});
