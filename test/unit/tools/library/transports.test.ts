/** The client over real sockets, against a small server in the test; and over a WebSocket of the test's own. */
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { connect as connectInBrowser } from '../../../../src/tools/library/browser.ts';
import { connect } from '../../../../src/tools/library/index.ts';
import { inTime, until } from '../../../helpers/until.ts';

type Said = Record<string, unknown>;

const welcome = { type: 'welcome', v: 1, name: 'bob', mailbox: 'm1', last: 0, waiting: 0, ping: 25, limits: {} };

/** A broker that says welcome, and otherwise what the test has it say. It pings back. */
async function scriptedBroker() {
  const sockets: Socket[] = [];
  const heard: Said[] = [];
  const say = (...words: Said[]) => {
    for (const each of words) sockets.at(-1)?.write(`${JSON.stringify(each)}\n`);
  };
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    createInterface({ input: socket }).on('line', (line) => {
      const words = JSON.parse(line) as Said;
      heard.push(words);
      if (words.type === 'hello') say(welcome);
      if (words.type === 'ping') say({ type: 'pong' });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    url: `tcp://127.0.0.1:${address.port}`,
    heard,
    say,
    write: (bytes: Uint8Array) => sockets.at(-1)?.write(bytes),
    cut: () => sockets.at(-1)?.resetAndDestroy(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

const heardOf = (heard: readonly Said[], type: string) => heard.filter((each) => each.type === type);

describe('over TCP', () => {
  it('a client sends, receives, and ends in order', async () => {
    await using broker = await scriptedBroker();
    const client = await connect(broker.url, { name: 'bob' });
    const sending = client.send('alice', 'ä€😀\n', { id: 'm-1' });
    await until(() => heardOf(broker.heard, 'send').length === 1, 'the message');
    expect(heardOf(broker.heard, 'send')[0]?.body).toBe('ä€😀\n');
    broker.say({ type: 'accepted', id: 'm-1', to: { alice: 'taken' } });
    expect((await inTime(sending, 'accepted')).state).toBe('taken');
    broker.say(
      { type: 'message', seq: 1, from: 'alice', body: '€' },
      { type: 'message', seq: 2, from: 'alice', body: 2 },
    );
    for await (const m of client.messages()) {
      m.ack();
      if (m.seq === 2) break;
    }
    await inTime(client.drain(), 'the drain');
    expect(heardOf(broker.heard, 'ack').at(-1)).toEqual({ type: 'ack', seq: 2 });
  });

  it('a client comes back after a reset, and sends again what was not accepted', async () => {
    await using broker = await scriptedBroker();
    await using client = await connect(broker.url, { name: 'bob', reconnect: { firstPauseMs: 1 } });
    const sending = client.send('alice', 'a', { id: 'm-1' });
    await until(() => heardOf(broker.heard, 'send').length === 1, 'the message');
    broker.cut();
    await until(() => heardOf(broker.heard, 'send').length === 2, 'the message again');
    expect(heardOf(broker.heard, 'hello').length).toBe(2);
    broker.say({ type: 'accepted', id: 'm-1', to: { alice: 'held' }, duplicate: true });
    expect(await inTime(sending, 'accepted')).toMatchObject({ state: 'held', duplicate: true });
  });

  it('a line that is too long or no UTF-8 breaks the connection', async () => {
    await using broker = await scriptedBroker();
    const limits = { lineBytes: 200 };
    await using client = await connect(broker.url, { name: 'bob', limits, reconnect: { firstPauseMs: 1 } });
    for (const [bytes, hellos] of [
      [new Uint8Array(201).fill(97), 2],
      [Uint8Array.of(0xff, 10), 3],
    ] as const) {
      broker.write(bytes);
      await until(() => heardOf(broker.heard, 'hello').length === hellos, 'another hello');
      await until(() => client.current.state === 'connected', 'the connection');
    }
  });

  it('nobody who listens is said in the error', async () => {
    const { url } = await (async () => {
      await using gone = await scriptedBroker();
      return gone;
    })();
    const failed = connect(url, { name: 'bob', reconnect: false });
    await expect(inTime(failed, 'the error')).rejects.toMatchObject({
      code: 'CONNECTION_LOST',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it.each(['tcp://127.0.0.1', 'tls://:1', 'http://127.0.0.1', 'no address'])('%s is wrong use', async (url) => {
    await expect(connect(url)).rejects.toMatchObject({ code: 'WRONG_USE' });
  });

  it.each(['tcp://bob:hush@127.0.0.1:9', 'tls://hush@127.0.0.1:9', 'ws://bob:hush@127.0.0.1:9/@', 'wss://bob:hush@ x'])(
    '%s is wrong use, because nobody would be sent the password, and the error has none of it',
    async (url) => {
      await expect(connect(url)).rejects.toMatchObject({
        code: 'WRONG_USE',
        message: expect.not.stringContaining('hush'),
      });
    },
  );
});

/** A WebSocket whose other end is the test. */
class PaperWebSocket extends EventTarget {
  static made: PaperWebSocket[] = [];
  readonly url: string;
  readonly protocol: string;
  readonly sent: string[] = [];

  constructor(url: string, protocol: string) {
    super();
    this.url = url;
    this.protocol = protocol;
    PaperWebSocket.made.push(this);
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    queueMicrotask(() => this.tell('close', {}));
  }

  tell(type: string, more: object): void {
    this.dispatchEvent(Object.assign(new Event(type), more));
  }
}

describe('over a WebSocket', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    PaperWebSocket.made = [];
  });

  it('a client says and hears frames of one or more lines', async () => {
    vi.stubGlobal('WebSocket', PaperWebSocket);
    const connecting = connectInBrowser('ws://127.0.0.1:8080', { name: 'bob' });
    const [socket] = PaperWebSocket.made;
    if (socket === undefined) throw new Error('there is no WebSocket');
    expect([socket.url, socket.protocol]).toEqual(['ws://127.0.0.1:8080/v1/ws', 'restante.v1']);
    socket.tell('open', {});
    await until(() => socket.sent.length === 1, 'the hello');
    const said = { type: 'message', seq: 1, from: 'alice', body: 'a' };
    socket.tell('message', { data: `${JSON.stringify(welcome)}\n${JSON.stringify(said)}` });
    const client = await inTime(connecting, 'the connection');
    expect((await client.messages().next()).value).toMatchObject({ body: 'a' });
    socket.tell('message', { data: new ArrayBuffer(1) });
    await until(() => client.current.state === 'disconnected', 'the broken connection');
    await client.close();
  });

  it('there is none where the runtime has none', async () => {
    vi.stubGlobal('WebSocket', undefined);
    await expect(connect('wss://example.org')).rejects.toMatchObject({ code: 'NO_TRANSPORT' });
  });

  it('there is no other transport in a browser', async () => {
    await expect(connectInBrowser('tcp://127.0.0.1:8080')).rejects.toMatchObject({ code: 'WRONG_USE' });
  });
});
