/** Programs ask about names, watch them, and are pinged. */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { ProgramPeer, type Told } from '../../helpers/program-peer.ts';
import { textOf } from '../../helpers/project.ts';
import { until } from '../../helpers/until.ts';

/** The objects of the examples in a section of the document, in their order. */
function examples(section: string): { readonly from: string; readonly object: Told }[] {
  const text = textOf('docs/PROGRAMS.md').split(`## ${section}\n`)[1]?.split('\n## ')[0] ?? '';
  return [...text.matchAll(/^(->|<-) (\{.*\})$/gm)].map(([, from = '', json = '']) => ({
    from,
    object: JSON.parse(json),
  }));
}

/** A time stands where one may be. */
const timeless = (object: unknown): string =>
  JSON.stringify(object, (key, value) => (key === 'since' || key === 'time' ? 'a time' : value));

/** Carol has left, and a message waits for her. */
async function carolIsAway(broker: TestBroker): Promise<void> {
  await (await broker.peer('carol')).leave();
  const ann = await broker.peer('alice');
  ann.send('carol: hi\n');
  await ann.got('* carol is away: mail is held');
}

it('the examples of the document are as they are', async () => {
  await using broker = await startBroker({ SHARDS: 2 });
  await carolIsAway(broker);
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  const expected: Told[] = [];
  for (const { from, object } of examples('Who is here')) {
    if (from === '->') bob.say(object);
    else {
      expected.push(object);
      if (object.type === 'presence' && object.here === true) await ProgramPeer.hello(broker, { name: 'carol' });
      await until(
        () => bob.told.length > expected.length,
        () => timeless(object),
      );
    }
  }
  expect(expected.length).toBe(3);
  expect(bob.told.slice(1).map(timeless)).toEqual(expected.map(timeless));
});

describe('a question about names', () => {
  it('is answered about names of all shards, with the time since which they are away', async () => {
    await using broker = await startBroker({ SHARDS: 3 });
    const before = Math.floor(Date.now() / 1000);
    await carolIsAway(broker);
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    const names = Array.from({ length: 997 }, (_, i) => `n${i}`);
    bob.say({ type: 'who', id: 'q', names: ['carol', 'bob', 'alice', ...names] });
    const [answer = {}] = await bob.got('who');
    const [carol, ...others] = answer.names as Told[];
    expect(carol).toEqual({ name: 'carol', here: false, since: expect.any(Number), waiting: 1 });
    expect(carol?.since).toBeGreaterThanOrEqual(before - 1);
    expect(carol?.since).toBeLessThanOrEqual(Date.now() / 1000 + 1);
    expect(others).toEqual([
      { name: 'bob', here: true },
      { name: 'alice', here: true },
      ...names.map((name) => ({ name, here: false })),
    ]);
  });

  it('is answered before the session ends, if the program has ended its side', async () => {
    await using broker = await startBroker({ SHARDS: 2 });
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    bob.say({ type: 'who', id: 'q', names: ['carol', 'dave', 'eve'] });
    bob.peer.end();
    await bob.peer.gone();
    expect(bob.of('who')).toMatchObject([{ id: 'q' }]);
  });

  it('is asked again where a shard has crashed', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    await broker.broker.control(0)?.throwAtNextBatch('shard');
    bob.say({ type: 'who', id: 'q', names: ['bob'] });
    expect(await bob.got('error')).toMatchObject([{ id: 'q', code: 'SHARD_RESTARTED', retry: 2 }]);
    bob.say({ type: 'who', id: 'r', names: ['bob'] });
    expect(await bob.got('who')).toEqual([{ type: 'who', id: 'r', names: [{ name: 'bob', here: true }] }]);
    expect(bob.of('error').length).toBe(1);
  });
});

describe('a name that is watched', () => {
  const presences = (of: ProgramPeer) => of.of('presence').map(({ name, here }) => [name, here]);

  it('is free when it is told to be gone', async () => {
    await using broker = await startBroker({ SHARDS: 2 });
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    const carol = await broker.peer('carol');
    bob.say({ type: 'watch', names: ['carol', 'dave'] });
    await bob.got('presence', 2);
    carol.destroy();
    await bob.got('presence', 3);
    const next = await ProgramPeer.hello(broker, { name: 'carol' });
    expect(next.told).toMatchObject([{ type: 'welcome', name: 'carol' }]);
    await bob.got('presence', 4);
    expect(presences(bob)).toEqual([
      ['carol', true],
      ['dave', false],
      ['carol', false],
      ['carol', true],
    ]);
    const times = bob.of('presence').map(({ time }) => time as number);
    expect(times).toEqual([...times].sort());
  });

  it('is still here when its shard has crashed', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    bob.say({ type: 'watch', names: ['bob'] });
    await bob.got('presence');
    await broker.broker.control(0)?.throwAtNextBatch('shard');
    bob.say({ type: 'who', id: 'q', names: ['bob'] });
    await bob.got('error');
    bob.say({ type: 'who', id: 'r', names: ['bob'] });
    await bob.got('who');
    expect(presences(bob)).toEqual([['bob', true]]);
  });

  it('that comes and goes is told in its newest state to a program that did not read', async () => {
    await using broker = await startBroker();
    const bob = await ProgramPeer.hello(broker, { name: 'bob', ack: false });
    const ann = await broker.peer('ann');
    bob.say({ type: 'watch', names: ['carol'] });
    await bob.got('presence');
    bob.peer.freeze();
    const body = 'x'.repeat(60_000);
    for (let i = 0; i < 200; i++) ann.send(`bob: ${body}\n`);
    await until(() => (broker.backlogOf(bob.peer) ?? 0) > 0, 'a full socket');
    for (let i = 0; i < 20; i++) await (await broker.peer('carol')).leave();
    const carol = await broker.peer('carol');
    bob.peer.freeze(false);
    await until(
      () => presences(bob).at(-1)?.[1] === true,
      () => `carol to be here, got ${presences(bob)}`,
    );
    expect(presences(bob).length).toBeLessThan(10);
    await carol.leave();
  });
});

describe('a program', () => {
  it('that is silent is pinged, stays if it answers, and is given up if it does not', async () => {
    await using broker = await startBroker({ PING_SECONDS: 1 });
    const plain = await broker.peer('ann');
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    const eve = await ProgramPeer.hello(broker, { name: 'eve' });
    expect(bob.told).toMatchObject([{ type: 'welcome', ping: 1 }]);
    plain.send('eve: hi\n');
    let pongs = 0;
    await until(() => {
      for (; pongs < bob.of('ping').length; pongs++) bob.say({ type: 'pong' });
      return eve.of('bye').length > 0;
    }, 'the end of eve');
    await eve.peer.gone();
    expect(eve.told.map(({ type, code }) => code ?? type)).toEqual([
      'welcome',
      'message',
      'ping',
      'ping',
      'PROGRAM_SILENT',
    ]);
    await bob.got('ping', pongs + 1);
    expect(bob.of('bye')).toEqual([]);
    plain.send('eve: again\n');
    await plain.got('* eve is away: mail is held');
    const again = await ProgramPeer.hello(broker, { name: 'eve' });
    await again.got('message', 2);
    expect(again.of('message').map(({ body, redelivered }) => [body, redelivered])).toEqual([
      ['hi', true],
      ['again', undefined],
    ]);
  });
});
