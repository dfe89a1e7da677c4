/** Clients that go in the middle, ask without waiting for answers, or never read them: nothing is left of them. */
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { MAX_UNANSWERED } from '../../../../../src/http/requests/open-answers.ts';
import { startBroker } from '../../../../helpers/broker.ts';
import { RawClient } from '../../../../helpers/programs/raw-client.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient, HttpClient } from '../messages/client.ts';

const HOST = 'Host: localhost\r\n';
const stream = (name: string) => `GET /v1/mail/${name} HTTP/1.1\r\n${HOST}Accept: text/event-stream\r\n\r\n`;
const wait = (name: string) => `GET /v1/mail/${name}?wait=50 HTTP/1.1\r\n${HOST}\r\n`;

describe('a client that has gone', () => {
  it('keeps no name by a stream that would have been the second answer', async () => {
    await using all = await brokerAndClient();
    const sessions = () => all.broker.broker.view.sessions().length;
    {
      using _ = new RawClient(all.http.url).write(stream('one') + stream('two') + wait('three'));
      await until(() => sessions() === 3, 'all to have their names');
    }
    // The last one may have its lease.
    await until(() => sessions() <= 1, 'the streams to end');
    expect((await all.http.mail('two')).length).toBe(0);
  });

  it('keeps no name by a stream of which it asked for the head alone', async () => {
    await using all = await brokerAndClient();
    for (const path of ['/v1/mail/bob', '/v1/live']) {
      const head = await fetch(`${all.http.url}${path}`, { method: 'HEAD', headers: { accept: 'text/event-stream' } });
      expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream']);
    }
    expect(all.broker.broker.view.sessions()).toEqual([]);
  });

  it('in the middle of a body is no fault of the broker', async () => {
    const lines: string[] = [];
    await using broker = await startBroker(
      { SHARDS: 1 },
      pino({ level: 'info' }, { write: (line) => lines.push(line) }),
    );
    const http = new HttpClient(broker.broker.httpUrl);
    for (const body of [
      'Content-Length: 9\r\n\r\nabc',
      'Transfer-Encoding: chunked\r\n\r\n5\r\nab',
      'Content-Length: 9\r\n\r\n',
    ]) {
      for (const path of ['/v1/send/bob', '/v1/mail/bob/ack', '/v1/log-level']) {
        using _ = new RawClient(http.url).write(
          `${path.endsWith('level') ? 'PUT' : 'POST'} ${path} HTTP/1.1\r\n${HOST}${body}`,
        );
        // It is accepted behind the other.
        expect((await http.ask('/livez')).status).toBe(200);
      }
    }
    await until(() => broker.broker.view.sessions().length === 0, 'the end of all');
    await broker[Symbol.asyncDispose]();
    expect(lines.join('')).not.toContain('HTTP_FAILED');
  });
});

describe('a client that asks', () => {
  it(`for more than ${MAX_UNANSWERED} answers at a time is closed, and costs no more than these`, async () => {
    await using all = await brokerAndClient();
    using good = new RawClient(all.http.url).write(`GET /livez HTTP/1.1\r\n${HOST}\r\n`.repeat(MAX_UNANSWERED));
    await until(() => good.received.split('"alive"').length === MAX_UNANSWERED + 1, 'all answers');
    using bad = new RawClient(all.http.url).write(Array.from({ length: 5_000 }, (_, i) => wait(`n-${i}`)).join(''));
    await bad.ended('the connection');
    expect(bad.received).toBe('');
    expect(all.broker.broker.view.sessions().length).toBeLessThanOrEqual(MAX_UNANSWERED);
    good.write(`GET /livez HTTP/1.1\r\n${HOST}\r\n`);
    await until(() => good.received.split('"alive"').length === MAX_UNANSWERED + 2, 'one more answer');
  });

  it('byte by byte is answered', async () => {
    await using all = await brokerAndClient();
    const bob = await all.broker.peer('bob');
    const text = `POST /v1/send/bob?from=ann HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n3\r\nhey\r\n0\r\n\r\n`;
    using client = new RawClient(all.http.url);
    for (const byte of text) {
      client.write(byte);
      await new Promise(setImmediate);
    }
    await bob.got('from ann: hey\n');
    await until(() => client.received.startsWith('HTTP/1.1 202 '), 'the answer');
  });
});
