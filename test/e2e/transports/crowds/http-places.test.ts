/** No address takes all connections of HTTP, or all places of those that read mail, whatever the settings are. */
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { MAX_HTTP_CONNECTIONS } from '../../../../src/http/connections.ts';
import { MAX_READERS } from '../../../../src/http/messages/http-programs.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { RawClient } from '../../../helpers/programs/raw-client.ts';
import { Certificates } from '../../../helpers/programs/tls/made.ts';
import { until } from '../../../helpers/until.ts';
import { ChangingBroker } from '../../operations/reload/probe.ts';
import { Arrivals } from './arrivals.ts';

const STRANGER = '127.0.0.2';
const OTHER = '127.0.0.3';
const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

/** Connections that are closed at the end of a test. */
class Clients implements Disposable {
  readonly #url: string;
  readonly arrivals: Arrivals;
  readonly all: RawClient[] = [];

  constructor(broker: TestBroker) {
    this.#url = broker.broker.httpUrl ?? '';
    this.arrivals = new Arrivals(broker);
  }

  /** Resolves when the broker has taken all of them, or closed them. */
  async come(from: string, count: number, request = ''): Promise<RawClient[]> {
    const { sockets } = this.arrivals;
    const before = sockets.length;
    const come = Array.from({ length: count }, () => new RawClient(this.#url, from).write(request));
    this.all.push(...come);
    await until(() => sockets.length - before + come.filter(({ closed }) => closed).length >= count, 'all to come');
    return come;
  }

  get closed(): number[] {
    return this.all.flatMap(({ closed }, at) => (closed ? [at] : []));
  }

  [Symbol.dispose](): void {
    this.arrivals[Symbol.dispose]();
    for (const client of this.all) client[Symbol.dispose]();
  }
}

async function answered(client: RawClient, status: number) {
  await until(
    () => client.received.startsWith(`HTTP/1.1 ${status} `),
    () => `${status}, got ${client.received}${client.closed ? ', closed' : ''}`,
  );
}

describe('when all connections of HTTP are taken', { timeout: paced(60_000) }, () => {
  it('the oldest idle one of the address with the most ends for one of another, and no further one of its own comes', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    using clients = new Clients(broker);
    await clients.come(STRANGER, 1, ask('/v1/mail/x?wait=50'));
    await until(() => broker.broker.view.sessions().length === 1, 'it to read mail');
    await clients.come(STRANGER, MAX_HTTP_CONNECTIONS - 1);
    const [more, bob] = [await clients.come(STRANGER, 9), await clients.come(OTHER, 1, ask('/livez'))];
    for (const each of more) await each.ended('one too many');
    await answered(bob[0] as RawClient, 200);
    await until(() => clients.closed.length === 10, 'one to end for another');
    expect(clients.closed.filter((at) => at < MAX_HTTP_CONNECTIONS)).toEqual([1]);
    const [again] = await clients.come(STRANGER, 1);
    await again?.ended('another one too many');
    bob[0]?.write(ask('/readyz'));
    await until(() => bob[0]?.received.split('HTTP/1.1 200 ').length === 3, 'an answer on the same connection');
  });

  it('the oldest ends where all wait for an answer', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    using clients = new Clients(broker);
    await clients.come(STRANGER, MAX_HTTP_CONNECTIONS, ask('/v1/mail/x?wait=50'));
    const { sockets } = clients.arrivals;
    await until(() => sockets.every(({ bytesRead }) => bytesRead > 0), 'all requests to be read');
    const [bob] = await clients.come(OTHER, 1, ask('/livez'));
    await answered(bob as RawClient, 200);
    await until(() => clients.closed.length > 0, 'one to end');
    expect(clients.closed).toEqual([0]);
  });

  it('with TLS one ends, too, whether its handshake was done or not', async () => {
    using certificates = await Certificates.make();
    await using broker = await startBroker({ SHARDS: 1, ...certificates.settings });
    using clients = new Clients(broker);
    const options = { port: broker.web.port, host: '127.0.0.1', ca: certificates.ca, servername: 'localhost' };
    const asks = async (localAddress: string) => {
      const socket = connect({ ...options, localAddress } as typeof options, () => socket.write(ask('/livez')));
      socket.on('error', () => undefined);
      let text = '';
      socket.on('data', (bytes) => {
        text += String(bytes);
      });
      await until(() => text.includes('alive') || socket.closed, 'an answer');
      return { socket, text };
    };
    const busy = connect({ ...options, localAddress: STRANGER } as typeof options, () => {
      busy.write(ask('/v1/mail/x?wait=50'));
    });
    await until(() => broker.broker.view.sessions().length === 1, 'it to read mail');
    const first = await asks(STRANGER);
    await clients.come(STRANGER, MAX_HTTP_CONNECTIONS - 2);
    const [bob, eve] = [await asks(OTHER), await asks('127.0.0.4')];
    expect([bob.text, eve.text].every((text) => text.startsWith('HTTP/1.1 200 '))).toBe(true);
    await until(() => first.socket.closed && clients.closed.length > 0, 'two to end');
    expect([clients.closed, busy.closed]).toEqual([[0], false]);
    for (const socket of [busy, first.socket, bob.socket, eve.socket]) socket.destroy();
  });

  it('of a trusted proxy none ends, however many it has', async () => {
    await using broker = await startBroker({ SHARDS: 1, PROXY_FROM: STRANGER });
    using clients = new Clients(broker);
    await clients.come(STRANGER, MAX_HTTP_CONNECTIONS - 2);
    const direct = await clients.come(OTHER, 2);
    const [late] = await clients.come('127.0.0.4', 1);
    await until(() => late?.closed === true || direct.some(({ closed }) => closed), 'one to end');
    expect([direct[0]?.closed, late?.closed]).toEqual([true, false]);
    const [proxied] = await clients.come(STRANGER, 1);
    await proxied?.ended('one too many');
    expect(clients.closed).toHaveLength(2);
  });

  it('those of a proxy that is trusted since a reload do not end either', async () => {
    await using broker = await ChangingBroker.start({});
    using clients = new Clients(broker.test);
    await clients.come(STRANGER, MAX_HTTP_CONNECTIONS - 2);
    const [first] = await clients.come(OTHER, 2);
    await broker.change({ PROXY_FROM: [STRANGER] });
    await clients.come('127.0.0.4', 1);
    await until(() => clients.closed.length > 0, 'one to end');
    expect(clients.closed).toEqual([clients.all.indexOf(first as RawClient)]);
  });
});

describe('when as many names are read as may be', () => {
  it('the oldest reader of the address with the most ends for one of another', async () => {
    await using broker = await startBroker({ SHARDS: 1 });
    using clients = new Clients(broker);
    for (let i = 0; i < MAX_READERS; i++) {
      await clients.come(STRANGER, 1, ask(`/v1/mail/x${i}?wait=50`));
      const named = () => broker.broker.view.sessions().filter(({ standing }) => standing === 'receiving').length;
      await until(() => named() === i + 1, 'it to have its name');
    }
    const [more] = await clients.come(STRANGER, 1, ask('/v1/mail/y?wait=50'));
    await answered(more as RawClient, 429);
    const [bob] = await clients.come(OTHER, 1, ask('/v1/mail/bob?wait=50'));
    await answered(clients.all[0] as RawClient, 429);
    expect(clients.all[0]?.received).toContain('"code":"TOO_MANY"');
    const sent = await fetch(`${broker.broker.httpUrl}/v1/send/bob`, { method: 'POST', body: 'for bob' });
    expect(sent.status).toBe(202);
    await answered(bob as RawClient, 200);
    await until(() => bob?.received.includes('for bob') === true, 'its mail');
    expect(clients.all.filter(({ received }) => received !== '')).toHaveLength(3);
  });
});
