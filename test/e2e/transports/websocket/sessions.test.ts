/** Sessions over WebSocket: what holds for every peer holds for theirs. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { fastOrLong } from '../../../helpers/pace/long.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { WebClient } from '../../../helpers/programs/web-client.ts';
import { clientFrame, OPCODES, upgradeRequest } from '../../../helpers/programs/web-frames.ts';
import { until } from '../../../helpers/until.ts';

const SOCKETS = fastOrLong(1_000, 5_000);
/** How many of them connect at a time. */
const AT_ONCE = 100;
const SENDS = 5_000;
const LARGE = 'x'.repeat(60_000);
/** A write of 64 KiB, or the largest frame in its longest form, with its header. */
const MOST_UNDER_WAY_BYTES = 8 * 65_536;
/** A program that gets one message, says so, and never acknowledges it. */
const DEAF_PROGRAM = `
  const { WebSocket } = await import('ws');
  const socket = new WebSocket(process.argv[1], 'restante.v1');
  socket.on('open', () => socket.send('{"type":"hello","v":1,"name":"bob"}'));
  socket.on('message', (text) => String(text).includes('"message"') && console.log('got it'));
`;

/** The broker's socket of a client. */
const endOf = ({ web }: TestBroker, { socket }: WebClient) =>
  web.sockets.get(socket.localPort ?? 0) ?? expect.fail('no socket');

const sendTo = (to: string, body: unknown) => clientFrame(JSON.stringify({ type: 'send', to, body }));

describe('a client that does not read', () => {
  it('costs its window and its mailbox, and gets in order what they take when it reads', async () => {
    await using broker = await startBroker({ MAILBOX_MAX_BYTES: '1MiB', HOLD_SECONDS: 0 });
    using bob = await WebClient.hello(broker, { name: 'bob', ack: false });
    bob.socket.pause();
    const ann = await ProgramPeer.hello(broker, { name: 'ann' });
    let taken = 0;
    for (let full = false; !full; ) {
      const outcomes = ann.of('accepted').length;
      ann.say({ type: 'send', id: `m-${outcomes}`, to: 'bob', body: `${outcomes} ${LARGE}` });
      const { to } = (await ann.got('accepted', outcomes + 1)).at(-1) as { to?: Record<string, string> };
      full = to?.bob === 'full';
      if (!full) taken++;
      expect(endOf(broker, bob).writableLength).toBeLessThan(MOST_UNDER_WAY_BYTES);
    }
    bob.socket.resume();
    const messages = await bob.got('message', taken);
    expect(messages.map(({ body }) => Number.parseInt(String(body), 10))).toEqual(messages.map((_, i) => i));
    ann.peer.destroy();
  });

  it('and asks for more is not read either, until it reads', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    using bob = await WebClient.hello(broker, { name: 'bob' });
    const ann = await ProgramPeer.hello(broker, { name: 'ann' });
    bob.socket.pause();
    const end = endOf(broker, bob);
    const pings = clientFrame('{"type":"ping"}\n'.repeat(4_000));
    let sentPings = 0;
    for (let before = -1; before !== end.bytesRead; sentPings += 4_000) {
      before = end.bytesRead;
      bob.send(pings);
      await broker.quiet();
      const pongs = ann.of('pong').length;
      ann.say({ type: 'ping' });
      await ann.got('pong', pongs + 1);
    }
    expect(end.writableLength).toBeLessThan(MOST_UNDER_WAY_BYTES);
    bob.socket.resume();
    await bob.got('pong', sentPings);
    ann.peer.destroy();
  });
});

it('what was said before the end is sent, also where the session does not keep up', async () => {
  await using broker = await startBroker({ HOLD_SECONDS: 0 });
  const ann = await broker.peer('ann');
  using bob = await WebClient.to(broker);
  const sends = Array.from({ length: SENDS }, (_, i) => sendTo('ann', i));
  bob.send(
    Buffer.concat([clientFrame('{"type":"hello","v":1,"name":"bob"}'), ...sends, clientFrame('', OPCODES.close)]),
  );
  await until(() => bob.closed, 'the end');
  await broker.quiet();
  expect(ann.received).toBe(sends.map((_, i) => `from bob: ${i}\n`).join(''));
});

it('frames that come with the request are read', async () => {
  await using broker = await startBroker({ HOLD_SECONDS: 0 });
  const hello = clientFrame('{"type":"hello","v":1,"name":"bob"}').toString('latin1');
  using bob = await WebClient.to(broker, `${upgradeRequest()}${hello}`);
  await bob.got('welcome');
});

it('a program that is killed gets again what it did not acknowledge', async () => {
  await using broker = await startBroker();
  const url = `ws://127.0.0.1:${broker.web.port}/v1/ws`;
  const program = spawn(process.execPath, ['--input-type=module', '-e', DEAF_PROGRAM, url], { stdio: 'pipe' });
  const ann = await broker.peer('ann');
  await until(() => broker.broker.view.sessions().length === 2, 'the program');
  const said = once(program.stdout, 'data');
  await until(() => broker.broker.view.sessions().every(({ standing }) => standing === 'receiving'), 'its name');
  ann.send('bob: one\nbob: two\n');
  await said;
  program.kill('SIGKILL');
  await until(() => broker.broker.view.sessions().length === 1, 'its end');
  using bob = await WebClient.hello(broker, { name: 'bob' });
  expect(await bob.got('message', 2)).toMatchObject([{ body: 'one', redelivered: true }, { body: 'two' }]);
});

it(`${SOCKETS} clients write to one another`, { timeout: paced(120_000) }, async () => {
  await using broker = await startBroker({ HOLD_SECONDS: 0, NAME_TIMEOUT_SECONDS: paced(60) });
  const clients: WebClient[] = [];
  using _ = { [Symbol.dispose]: () => clients.splice(0).map((client) => client[Symbol.dispose]()) };
  while (clients.length < SOCKETS) {
    const names = Array.from({ length: AT_ONCE }, (_, i) => `peer-${clients.length + i}`);
    clients.push(...(await Promise.all(names.map((name) => WebClient.hello(broker, { name, ack: false })))));
  }
  for (const [i, client] of clients.entries()) client.send(sendTo(`peer-${(i + 1) % SOCKETS}`, i));
  await until(() => clients.every((client) => client.of('message').length === 1), 'all messages');
  const from = clients.map((client) => client.of('message')[0]?.body);
  expect(from).toEqual(clients.map((_, i) => (i + SOCKETS - 1) % SOCKETS));
});
