/** A broker that is killed, as a program sees it. */
import { expect, it } from 'vitest';
import { FaultBroker } from '../../helpers/faults/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';

/** Messages that only memory has seen. */
const LIVE = 1_000;

it('no message after a kill has a number of one before it, though that was never stored', async () => {
  using folder = temporaryFolder();
  const numbers: number[] = [];
  for (let life = 0; life < 3; life++) {
    await using broker = await FaultBroker.start(folder.path);
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    const last = Number(bob.of('welcome')[0]?.last);
    expect(last).toBeGreaterThanOrEqual(numbers.at(-1) ?? 0);
    const ann = await ProgramPeer.hello(broker, { name: 'ann' });
    for (let i = 0; i < LIVE; i++) ann.say({ type: 'send', to: 'bob', body: `${life}-${i}` });
    for (let got = 0; got < LIVE; got = bob.of('message').length) {
      await bob.got('message', Math.min(LIVE, got + 100));
      bob.say({ type: 'ack', seq: bob.of('message').at(-1)?.seq });
    }
    numbers.push(...bob.of('message').map(({ seq }) => Number(seq)));
    await broker.kill();
  }
  expect(numbers).toHaveLength(3 * LIVE);
  expect(numbers.slice(1).every((number, i) => number > (numbers[i] as number))).toBe(true);
});

it('durable messages for who is here outlive a kill, once they are accepted, until they are acknowledged', async () => {
  using folder = temporaryFolder();
  const bodies = Array.from({ length: LIVE }, (_, i) => `job ${i}`);
  {
    await using broker = await FaultBroker.start(folder.path);
    const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 10 });
    const ann = await ProgramPeer.hello(broker, { name: 'ann' });
    bodies.forEach((body, i) => {
      ann.say({ type: 'send', to: 'bob', body, id: `${i}`, durable: true });
    });
    expect(new Set((await ann.got('accepted', LIVE)).map(({ to }) => JSON.stringify(to)))).toEqual(
      new Set(['{"bob":"held"}']),
    );
    await bob.got('message', 10);
    bob.ack('job 4');
    bob.say({ type: 'ping' });
    await bob.got('pong');
    await bob.got('message', 15);
    // The store is written in order: what was acknowledged has left it before this is held.
    ann.say({ type: 'send', to: 'bob', body: 'last', id: 'last', durable: true });
    await ann.got('accepted', LIVE + 1);
    await broker.kill();
  }
  await using broker = await FaultBroker.start(folder.path);
  const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 10_000 });
  const expected = [...bodies.slice(5), 'last'];
  expect((await bob.got('message', expected.length)).map(({ body }) => body)).toEqual(expected);
});
