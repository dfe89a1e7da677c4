/**
 * Requests that two servers may read in two ways, so that a second one is smuggled past the first. The connection ends,
 * and what follows is not answered.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../helpers/programs/raw-client.ts';
import { clientFrame, upgradeRequest } from '../../../../helpers/programs/web-frames.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient } from '../messages/client.ts';

const HOST = 'Host: localhost\r\n';
const SMUGGLED = `POST /v1/send/bob?from=mallory HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\nx`;
const HELLO = clientFrame('{"type":"hello","v":1,"name":"mallory"}').toString('latin1');

const post = (headers: string, body = '') => `POST /v1/send/ann HTTP/1.1\r\n${HOST}${headers}\r\n\r\n${body}`;
const get = (headers: string) => `GET /livez HTTP/1.1\r\n${HOST}${headers === '' ? '' : `${headers}\r\n`}\r\n`;
const inChunks = (chunks: string) => post('Transfer-Encoding: chunked', chunks);

type All = Awaited<ReturnType<typeof brokerAndClient>>;

describe('a connection ends', () => {
  let shared: All | undefined;
  let bob: Awaited<ReturnType<All['broker']['peer']>> | undefined;
  const all = () => shared ?? expect.fail('no broker');
  beforeAll(async () => {
    shared = await brokerAndClient();
    bob = await shared.broker.peer('bob');
  });
  afterAll(() => shared?.[Symbol.asyncDispose]());

  it.each([
    ['a length, and chunks (CL.TE)', post('Content-Length: 4\r\nTransfer-Encoding: chunked', '0\r\n\r\n')],
    ['chunks, and a length (TE.CL)', post('Transfer-Encoding: chunked\r\nContent-Length: 4', '0\r\n\r\n')],
    ['two lengths', post('Content-Length: 0\r\nContent-Length: 9')],
    ['the same length twice', post('Content-Length: 0\r\nContent-Length: 0')],
    ['a list of lengths', post('Content-Length: 0, 0')],
    ['a length with a sign', post('Content-Length: +0')],
    ['a length that is none', post('Content-Length: 0x0')],
    ['two codings', post('Transfer-Encoding: chunked\r\nTransfer-Encoding: identity', '0\r\n\r\n')],
    ['an unknown coding', post('Transfer-Encoding: xchunked', '0\r\n\r\n')],
    ['a coding behind another', post('Transfer-Encoding: gzip, chunked', '0\r\n\r\n')],
    ['chunks in HTTP 1.0', `POST /v1/send/ann HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a folded header', get('X: a\r\n b')],
    ['a folded coding', post('Transfer-Encoding:\r\n chunked', '0\r\n\r\n')],
    ['a space before a colon', get('Content-Length : 0')],
    ['a space before a header', get(' X: a')],
    ['a bare LF', `GET /livez HTTP/1.1\n${HOST}\n`],
    ['a bare LF between headers', get('X: a\nContent-Length: 0')],
    ['a bare CR between headers', get('X: a\rContent-Length: 0')],
    ['a NUL in a header', get('X: a\0b')],
    ['a NUL in the path', `GET /livez\0 HTTP/1.1\r\n${HOST}\r\n`],
    ['a chunk that ends with an LF', inChunks('1\nx\n0\n\n')],
    ['a chunk longer than it says', inChunks('1\r\nxx\r\n0\r\n\r\n')],
    ['a chunk of a negative size', inChunks('-1\r\nx\r\n0\r\n\r\n')],
    ['a chunk of too large a size', inChunks('10000000000000001\r\nx\r\n0\r\n\r\n')],
    ['an LF in the extension of a chunk', inChunks('1;a\nx\r\n0\r\n\r\n')],
    ['a long extension of a chunk', inChunks(`1;${'a'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`)],
    ['a length in a trailer', inChunks('0\r\nContent-Length: 5\r\n\r\n')],
    ['a coding in a trailer', inChunks('0\r\nTransfer-Encoding: chunked\r\n\r\n')],
    ['what follows the last request', get('Connection: close').replace('livez', 'none')],
    ['a method that opens a tunnel', `CONNECT 127.0.0.1:8080 HTTP/1.1\r\n${HOST}\r\n`],
    ['a WebSocket with a body', upgradeRequest({ 'Content-Length': String(HELLO.length) }) + HELLO],
    ['a WebSocket with a body in chunks', `${upgradeRequest({ 'Transfer-Encoding': 'chunked' })}0\r\n\r\n`],
    ['an upgrade elsewhere', `GET /livez HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['an upgrade to HTTP 2', `GET /v1/ws HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n`],
  ])('for %s', async (_what, bytes) => {
    using client = new RawClient(all().http.url).write(bytes + SMUGGLED);
    await client.ended('the connection');
    expect(client.received.match(/HTTP\/1\.1 2\d\d/g)).toBeNull();
    expect(client.received.match(/HTTP\/1\.1 \d/g)?.length ?? 0).toBeLessThan(2);
    await until(() => all().broker.broker.view.sessions().length === 1, 'its session to end');
  });

  it('for a WebSocket behind a request that is not answered, and nothing stands between frames', async () => {
    const wait = `GET /v1/mail/eve?wait=50 HTTP/1.1\r\n${HOST}\r\n`;
    using client = new RawClient(all().http.url).write(wait + upgradeRequest() + HELLO);
    expect(await client.ended('the connection')).toBe('');
  });

  it('and nobody has got what was smuggled', async () => {
    expect((await all().http.send('bob?from=ann', 'after all'))[0]).toBe(202);
    await bob?.got('from ann: after all\n');
    expect(bob?.mail).toBe('from ann: after all\n');
  });
});

it('what is allowed in chunks is read: an extension, and a trailer that says nothing', async () => {
  await using all = await brokerAndClient();
  const bob = await all.broker.peer('bob');
  const chunks = '5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n';
  const send = `POST /v1/send/bob?from=ann HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
  using client = new RawClient(all.http.url).write(send + get(''));
  await bob.got('from ann: hello\n');
  await until(() => client.received.includes('alive'), 'the second answer');
});
