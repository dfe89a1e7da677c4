/** Connections of HTTP count to their addresses, with TLS before the handshake, until they close or are WebSockets. */
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { RawClient } from '../../../helpers/programs/raw-client.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { WebClient } from '../../../helpers/programs/web-client.ts';
import { until } from '../../../helpers/until.ts';
import { ChangingBroker } from '../../operations/reload/probe.ts';
import { Arrivals } from './arrivals.ts';

const ON = { RATE_LOOPBACK: 'on', SHARDS: 1 };
const HOME = '127.0.0.2';
const ASK = 'GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n';
const SERVED = 'HTTP/1.1 200 OK';
const REFUSED = 'HTTP/1.1 429 Too Many Requests';

/** Asks, and keeps the connection open. @returns it with the first line of the answer */
async function asks({ broker }: TestBroker, from = HOME, request = ASK) {
  const client = new RawClient(broker.httpUrl ?? '', from).write(request);
  await until(() => client.received.includes('\r\n\r\n') || client.closed, 'an answer');
  return { client, line: client.received.split('\r\n')[0], [Symbol.dispose]: () => client[Symbol.dispose]() };
}

async function refusedBy({ broker }: TestBroker) {
  return Object.fromEntries((await broker.view.figures()).counts.refused);
}

describe('connections of HTTP', () => {
  it('are so many of an address at a time, and one more is told so', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS: 2 });
    using arrivals = new Arrivals(broker);
    const first = await asks(broker);
    using second = await asks(broker);
    using third = await asks(broker);
    using other = await asks(broker, '127.0.0.3');
    expect([first.line, second.line, third.line, other.line]).toEqual([SERVED, SERVED, REFUSED, SERVED]);
    await until(() => third.client.closed, 'the third to be closed');
    expect(third.client.received).toMatch(/\r\nRetry-After: \d+\r\n[\s\S]*"code":"TOO_MANY"/);
    expect(await refusedBy(broker)).toEqual({ ADDRESS_CROWDED: 1 });
    first[Symbol.dispose]();
    await arrivals.areClosed(2);
    using again = await asks(broker);
    using tooMany = await asks(broker);
    expect([again.line, tooMany.line]).toEqual([SERVED, REFUSED]);
  });

  it('that are refused and say nothing are closed, also when the broker stops', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS: 1 });
    using arrivals = new Arrivals(broker);
    using _ = await asks(broker);
    using silent = new RawClient(broker.broker.httpUrl ?? '', HOME);
    await silent.ended('who says nothing');
    expect(silent.received).toBe('');
    using waits = new RawClient(broker.broker.httpUrl ?? '', HOME);
    await until(() => arrivals.sockets.length === 3, 'the third to come');
    await broker.broker.view.drain();
    await waits.ended('who waits');
  });

  it('are so many of an address in a minute', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS_A_MINUTE: 2 });
    using arrivals = new Arrivals(broker);
    for (let i = 0; i < 2; i++) {
      using served = await asks(broker);
      expect(served.line).toBe(SERVED);
    }
    await arrivals.areClosed(2);
    using third = await asks(broker);
    expect(third.line).toBe(REFUSED);
    expect(third.client.received).toMatch(/\r\nRetry-After: (29|30)\r\n/);
    expect(await refusedBy(broker)).toEqual({ TOO_OFTEN: 1 });
  });

  it('do not count any more once they are WebSockets, which count as sessions', async () => {
    await using broker = await startBroker({ ...ON, ADDRESS_CONNECTIONS: 1 });
    using arrivals = new Arrivals(broker);
    using socket = await WebClient.hello(broker, { name: 'bob' });
    expect(socket.of('welcome')).toHaveLength(1);
    using page = await asks(broker, '127.0.0.1');
    using another = await asks(broker, '127.0.0.1');
    expect([page.line, another.line]).toEqual([SERVED, REFUSED]);
    await until(() => another.client.closed, 'another one to be closed');
    page[Symbol.dispose]();
    await arrivals.areClosed(2);
    using second = await WebClient.to(broker);
    expect((await second.gotClose())[1]).toBe('ADDRESS_CROWDED');
    expect(await refusedBy(broker)).toEqual({ ADDRESS_CROWDED: 2 });
  });

  it('follow a reload, also those that were there', async () => {
    await using broker = await ChangingBroker.start({ ...ON });
    using first = await asks(broker.test);
    await broker.change({ ADDRESS_CONNECTIONS: 1 });
    using second = await asks(broker.test);
    await broker.change({ ADDRESS_CONNECTIONS: 1, PROXY_FROM: [HOME] });
    using third = await asks(broker.test);
    await broker.change({ ADDRESS_CONNECTIONS: Number.POSITIVE_INFINITY });
    using fourth = await asks(broker.test);
    expect([first, second, third, fourth].map(({ line }) => line)).toEqual([SERVED, REFUSED, SERVED, SERVED]);
  });
});

describe('with TLS', () => {
  it.each(['ADDRESS_CONNECTIONS', 'ADDRESS_CONNECTIONS_A_MINUTE'] as const)(
    '%s counts before the handshake, and one more is closed without a word',
    async (limit) => {
      using certificates = await Certificates.make();
      const settings = { ...ON, HTTP_PORT: 0, ...certificates.settings, [limit]: 1 };
      await using broker = await startBroker(settings);
      using arrivals = new Arrivals(broker);
      const options = { port: broker.web.port, host: '127.0.0.1', ca: certificates.ca, servername: 'localhost' };
      const comes = () =>
        new Promise<string>((resolve) => {
          const socket = connect({ ...options, localAddress: HOME } as typeof options);
          socket.on('error', () => undefined).on('close', () => resolve('closed'));
          socket.once('data', (bytes) => resolve(String(bytes).split('\r\n')[0] ?? ''));
          socket.once('secureConnect', () => socket.write(ASK));
          sockets.push(socket);
        });
      const sockets: ReturnType<typeof connect>[] = [];
      expect([await comes(), await comes()]).toEqual([SERVED, 'closed']);
      expect(sockets[1]?.bytesRead).toBe(0);
      const { counts, tls } = await broker.broker.view.figures();
      expect(tls?.handshakes.results).toEqual({ done: 1, failed: 0, refused: 0 });
      const reason = limit === 'ADDRESS_CONNECTIONS' ? 'ADDRESS_CROWDED' : 'TOO_OFTEN';
      expect(Object.fromEntries(counts.refused)).toEqual({ [reason]: 1 });
      sockets[0]?.destroy();
      await arrivals.areClosed(1);
      expect(await comes()).toBe(limit === 'ADDRESS_CONNECTIONS' ? SERVED : 'closed');
      for (const socket of sockets) socket.destroy();
    },
  );
});
