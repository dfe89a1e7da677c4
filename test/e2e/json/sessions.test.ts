/** Programs: they speak JSON lines on the plain port, and are peers of plain ones. */
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../helpers/broker.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { until } from '../../helpers/until.ts';

describe.each(['on', 'off'])('a program, with NOTICES=%s,', (notices) => {
  it('is welcome, and is told whatever it asks', async () => {
    await using broker = await startBroker({ NOTICES: notices });
    const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 7 });
    bob.say({ type: 'ping' }, { type: 'nonsense', id: 'x' }, { type: 'send', to: 'nobody', body: 1, id: 'm' });
    bob.peer.send('not JSON\n');
    await bob.got('error', 2);
    await bob.got('accepted');
    expect(bob.told.map(({ type, id, code }) => [type, id, code])).toEqual(
      expect.arrayContaining([
        ['welcome', undefined, undefined],
        ['pong', undefined, undefined],
        ['error', 'x', 'BAD_REQUEST'],
        ['error', undefined, 'BAD_REQUEST'],
        ['accepted', 'm', undefined],
      ]),
    );
    expect(bob.of('accepted')).toEqual([{ type: 'accepted', id: 'm', to: { nobody: 'unknown' }, duplicate: false }]);
  });

  it('and a plain peer write to each other', async () => {
    await using broker = await startBroker({ NOTICES: notices });
    const ann = await broker.peer('ann');
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    ann.send('bob: say "hi" \u001b[1m\nbob: \n');
    bob.say(
      { type: 'send', to: ['ann', 'bob'], body: 'two\nlines', re: 'q' },
      { type: 'send', to: 'ann', body: { a: 1 } },
    );
    await ann.got('from bob: two\nfrom bob: lines\nfrom bob: {"a":1}\n');
    await bob.got('message', 3);
    expect(bob.of('message').map(({ from, body, re }) => [from, body, re])).toEqual(
      expect.arrayContaining([
        ['ann', 'say "hi" \u241b[1m', undefined],
        ['ann', '', undefined],
        ['bob', 'two\nlines', 'q'],
      ]),
    );
  });
});

it('a program whose first line is no hello is told why, and the next one is served', async () => {
  await using broker = await startBroker();
  const mallory = await ProgramPeer.hello(broker, { v: 3 });
  await mallory.peer.gone();
  expect(mallory.told).toEqual([
    { type: 'bye', code: 'HELLO_REFUSED', message: 'hello refused: v: must be 1, the version of the protocol' },
  ]);
  await ProgramPeer.hello(broker, { name: 'bob' });
});

it('with STRICT=off a name may begin with a brace, and a hello is one all the same', async () => {
  await using broker = await startBroker({ STRICT: 'off' });
  const brace = await broker.peer('{brace');
  brace.send('{brace: to myself\n');
  await brace.got('from {brace: to myself\n');
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  bob.say({ type: 'send', to: '{brace', body: 'hi' });
  await brace.got('from bob: hi\n');
});

it('a name that is taken is waited for', async () => {
  await using broker = await startBroker();
  const first = await ProgramPeer.hello(broker, { name: 'bob' });
  const second = await ProgramPeer.hello(broker, { name: 'bob' });
  first.say({ type: 'send', to: 'bob', body: 'mine' });
  await first.got('message');
  first.ack('mine').peer.end();
  await second.got('welcome');
  expect(second.told.map(({ type }) => type)).toEqual(['waiting', 'welcome']);
});

describe('what a program does not acknowledge', () => {
  it('comes back first, in order, and is marked, however it has left', async () => {
    await using broker = await startBroker();
    const ann = await broker.peer('ann');
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    ann.send('bob: 1\nbob: 2\nbob: 3\n');
    await bob.got('message', 3);
    bob.ack('1');
    await broker.quiet();
    bob.peer.reset();
    await until(() => broker.broker.view.sessions().length === 1, 'bob to have left');
    ann.send('bob: 4\n');
    await ann.got('* bob is away: mail is held');
    const again = await ProgramPeer.hello(broker, { name: 'bob' });
    await again.got('message', 3);
    expect(again.of('message').map(({ body, held, redelivered }) => [body, held, redelivered])).toEqual([
      ['2', true, true],
      ['3', true, true],
      ['4', true, undefined],
    ]);
    const [welcome, ...messages] = again.told;
    expect(welcome).toMatchObject({ waiting: 3, last: (messages[0]?.seq as number) - 1 });
    expect(messages.map(({ seq }) => seq)).toEqual([0, 1, 2].map((more) => (messages[0]?.seq as number) + more));
    again.ack('4');
    await broker.quiet();
    again.peer.destroy();
    await until(() => broker.broker.view.sessions().length === 1, 'bob to have left');
    expect(await broker.held()).toBe(0);
  });

  it('holds back the rest, at its window', async () => {
    await using broker = await startBroker();
    const ann = await broker.peer('ann');
    const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 2 });
    ann.send('bob: 1\nbob: 2\nbob: 3\nbob: 4\nbob: 5\n');
    await bob.got('message', 2);
    await broker.quiet();
    expect([bob.bodies, await broker.held()]).toEqual([['1', '2'], 3]);
    bob.ack('1');
    await bob.got('message', 3);
    bob.ack('3');
    await bob.got('message', 5);
    expect(bob.bodies).toEqual(['1', '2', '3', '4', '5']);
  });

  it('is not what it never got', async () => {
    await using broker = await startBroker();
    const ann = await broker.peer('ann');
    const bob = await ProgramPeer.hello(broker, { name: 'bob', window: 1 });
    ann.send('bob: 1\nbob: 2\n');
    await bob.got('message', 1);
    const seq = bob.of('message')[0]?.seq as number;
    bob.say({ type: 'ack', seq: seq + 1 }, { type: 'ack', seq: 2 ** 52 }, { type: 'ping' });
    await bob.got('pong');
    await broker.quiet();
    expect(bob.bodies).toEqual(['1']);
    bob.ack('1');
    await bob.got('message', 2);
  });

  it('is done when the system has taken it, for a program that acknowledges nothing', async () => {
    await using broker = await startBroker();
    const ann = await broker.peer('ann');
    const bob = await ProgramPeer.hello(broker, { name: 'bob', ack: false });
    ann.send('bob: 1\n');
    await bob.got('message');
    await broker.quiet();
    bob.peer.destroy();
    await until(() => broker.broker.view.sessions().length === 1, 'bob to have left');
    expect(await broker.held()).toBe(0);
  });

  it('comes back over a restart too', async () => {
    using folder = temporaryFolder();
    const messages = async (use: (bob: ProgramPeer, broker: TestBroker) => Promise<void>) => {
      await using broker = await startBroker({ DATA_DIR: folder.path });
      const bob = await ProgramPeer.hello(broker, { name: 'bob' });
      await use(bob, broker);
      return bob.of('message').map(({ seq, id, body, redelivered }) => [seq, id, body, redelivered]);
    };
    const before = await messages(async (bob, broker) => {
      bob.say({ type: 'send', id: 'a', to: 'bob', body: [1] }, { type: 'send', id: 'b', to: 'bob', body: 'two' });
      await bob.got('message', 2);
      await broker.quiet();
    });
    const after = await messages(async (bob) => {
      await bob.got('message', 2);
    });
    expect(after).toEqual(before.map(([seq, id, body]) => [seq, id, body, true]));
  });
});

describe('what became of a message', () => {
  it('is told for each name', async () => {
    await using broker = await startBroker({ MAILBOX_MAX_MESSAGES: 1, FAIR_RESERVE_PERCENT: 0, SHARDS: 2 });
    await (await broker.peer('away')).leave();
    await (await broker.peer('full')).leave();
    const ann = await broker.peer('ann');
    ann.send('full: 1\n');
    await ann.got('held');
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    bob.say({ type: 'send', id: 'm', to: ['ann', 'away', 'full', 'nobody', 'bob'], body: 'x' });
    expect(await bob.got('accepted')).toEqual([
      {
        type: 'accepted',
        id: 'm',
        to: { ann: 'taken', away: 'held', full: 'full', nobody: 'unknown', bob: 'taken' },
        duplicate: false,
      },
    ]);
  });

  it('is told before the session ends, if the program has ended its side', async () => {
    await using broker = await startBroker();
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    await (await broker.peer('away')).leave();
    bob.say({ type: 'send', id: 'm', to: 'away', body: 'x' });
    bob.peer.end();
    await bob.peer.gone();
    expect(bob.of('accepted')).toMatchObject([{ id: 'm', to: { away: 'held' } }]);
  });

  it('is asked again where a shard has crashed', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    const bob = await ProgramPeer.hello(broker, { name: 'bob' });
    await broker.broker.control(0)?.throwAtNextBatch('shard');
    bob.say({ type: 'send', id: 'm', to: 'bob', body: 'x' });
    expect(await bob.got('error')).toMatchObject([{ id: 'm', code: 'SHARD_RESTARTED' }]);
    await until(() => broker.broker.control(0) !== undefined, 'the shard to be started again');
    bob.say({ type: 'send', id: 'm', to: 'bob', body: 'x' });
    await bob.got('accepted');
    await bob.got('message');
  });
});

const PINGS = 3_000;
/** A session that waits for its next turn is paused too, and not for so many looks in a row. */
const QUIET_CHECKS = 20;

/** A program that asks much and reads nothing. Resolves when the broker reads no more from it. */
async function deafProgram(broker: TestBroker): Promise<ProgramPeer> {
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  bob.peer.freeze();
  const ping = `${JSON.stringify({ type: 'ping' })}\n`.repeat(1000);
  for (let i = 0; i < PINGS; i++) bob.peer.send(ping);
  const end = broker.endOf(bob.peer);
  let read = -1;
  let checks = 0;
  await until(
    () => {
      const stopped = end?.bytesRead === read && end?.isPaused() === true && (broker.backlogOf(bob.peer) ?? 0) > 0;
      checks = stopped ? checks + 1 : 0;
      read = end?.bytesRead ?? 0;
      return checks === QUIET_CHECKS;
    },
    'the broker to read no more',
    paced(60_000),
  );
  expect(read).toBeLessThan(bob.peer.sentBytes);
  return bob;
}

it('a program that asks and never reads costs a bounded memory, and is answered when it reads', async () => {
  await using broker = await startBroker();
  const bob = await deafProgram(broker);
  bob.peer.freeze(false);
  await bob.peer.got('"pong"');
  await until(() => bob.peer.receivedBytes > PINGS * 1000 * '{"type":"pong"}\n'.length, 'all answers', paced(60_000));
});

it('a program that never reads and is gone leaves nothing behind', async () => {
  await using broker = await startBroker();
  const bob = await deafProgram(broker);
  bob.peer.reset();
  await until(() => broker.broker.view.sessions().length === 0, 'its session to end');
});
