/** The server on a broker on paper: whom it answers, and how much and how long a client may take. */
import type { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { MAX_HTTP_CONNECTIONS } from '../../../../src/http/connections.ts';
import { HttpServer, type HttpTimes } from '../../../../src/http/server.ts';
import { RawClient } from '../../../helpers/programs/raw-client.ts';
import { until } from '../../../helpers/until.ts';
import { paperHost } from './paper.ts';

const PATIENT: HttpTimes = { headersMs: 60_000, requestMs: 60_000, idleMs: 60_000, lookMs: 20 };
const QUICK: HttpTimes = { headersMs: 60, requestMs: 120, idleMs: 200, lookMs: 20 };

const NO_UPGRADES = { upgrade: (_: unknown, socket: Duplex) => void socket.destroy() };

async function serverWith(times: HttpTimes, isKeptBack = () => false) {
  const server = await HttpServer.listen({ ...paperHost(), isKeptBack, upgrades: NO_UPGRADES }, times);
  if (server === undefined) throw new Error('HTTP is off');
  return { url: server.url, [Symbol.asyncDispose]: () => server.close() };
}

describe('a client', () => {
  it.each([
    ['whose host is another name', 'GET /livez HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n', '403'],
    [
      'that is a page from elsewhere',
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nConnection: close\r\n\r\n',
      '403',
    ],
    ['without a host', 'GET /livez HTTP/1.1\r\n\r\n', '400'],
    [
      'with two hosts',
      'GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
      '403',
    ],
    [
      'with an absolute target',
      'GET http://evil.example/livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
      '403',
    ],
    ['with too many headers', `GET /livez HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, '431'],
    [
      'with two lengths',
      'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
    ['that speaks something else', 'alice\nbob: hello\n', '400'],
  ])('%s is refused', async (_who, bytes, status) => {
    await using server = await serverWith(PATIENT);
    using client = new RawClient(server.url).write(bytes);
    expect(await client.ended('the client')).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
  });

  // Each with the one time that ends it.
  it.each<[string, Partial<HttpTimes>, string]>([
    ['that sends its headers slowly', { headersMs: 60 }, 'GET /livez HTTP/1.1\r\nHost: localhost\r\nX: '],
    [
      'that sends its body slowly',
      { headersMs: 120, requestMs: 120 },
      'POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 60000\r\n\r\nx',
    ],
    ['that sends nothing', { idleMs: 100 }, ''],
  ])('%s is closed in time', async (_who, times, begin) => {
    await using server = await serverWith({ ...PATIENT, ...times });
    using client = new RawClient(server.url).write(begin);
    const drip = setInterval(() => begin === '' || client.write('x'), 10);
    await client.ended('a slow client');
    clearInterval(drip);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  it('that goes on asking and reads no answer is closed', async () => {
    await using server = await serverWith(PATIENT);
    using client = new RawClient(server.url).freeze();
    const ask = setInterval(() => client.write('GET /v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'), 0);
    await client.ended('who reads nothing');
    clearInterval(ask);
    expect((await fetch(`${server.url}/livez`)).status).toBe(200);
  });

  it('that comes when there are as many as may be is closed, and others go on', async () => {
    await using server = await serverWith(PATIENT);
    using first = new RawClient(server.url).write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => first.received.includes('alive'), 'the first to be answered');
    const others = Array.from({ length: MAX_HTTP_CONNECTIONS + 9 }, () => new RawClient(server.url));
    await until(() => others.filter(({ closed }) => closed).length === 10, 'ten to be closed');
    first.write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await until(() => first.received.split('alive').length === 3, 'the first to be answered again');
    for (const other of others) other[Symbol.dispose]();
  });

  it('is closed where the store needs its descriptor', async () => {
    await using server = await serverWith(QUICK, () => true);
    using client = new RawClient(server.url).write('GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n');
    expect(await client.ended('the client')).toBe('');
  });
});
