/** Names and bodies that mean harm, and clients that do: each is answered, and nothing reaches anybody else. */
import { describe, expect, it } from 'vitest';
import { RawClient } from '../../../../helpers/programs/raw-client.ts';
import { until } from '../../../../helpers/until.ts';
import { brokerAndClient } from './client.ts';

const POSTS = [
  ['/v1/send/b%0aob', 400, 'REQUEST_REFUSED'],
  ['/v1/send/a%3ab', 400, 'REQUEST_REFUSED'],
  ['/v1/send/%ff', 400, 'REQUEST_REFUSED'],
  ['/v1/send/%', 400, 'REQUEST_REFUSED'],
  ['/v1/send/,', 400, 'REQUEST_REFUSED'],
  ['/v1/send/%22%7d%0a%7b', 400, 'REQUEST_REFUSED'],
  ['/v1/send/a/b', 404, 'NO_ROUTE'],
  [`/v1/send/${'x,'.repeat(1_000)}x`, 400, 'REQUEST_REFUSED'],
  [`/v1/send/${'x'.repeat(300)}`, 404, 'NO_RECIPIENT'],
  ['/v1/send/bob?from=', 400, 'REQUEST_REFUSED'],
  ['/v1/send/bob?from=b%0d%0aob', 400, 'REQUEST_REFUSED'],
  ['/v1/send/bob?from=%E2%80%AEbob', 400, 'REQUEST_REFUSED'],
  [`/v1/send/bob?from=${'x'.repeat(257)}`, 400, 'REQUEST_REFUSED'],
  [`/v1/send/bob?id=${'%C3%A4'.repeat(65)}`, 400, 'REQUEST_REFUSED'],
  ['/v1/send/bob?ttl=0', 400, 'REQUEST_REFUSED'],
  ['/v1/send/bob?ttl=1e3', 400, 'REQUEST_REFUSED'],
  ['/v1/send/bob?ttl=99999999999', 400, 'REQUEST_REFUSED'],
  ['/v1/send/bob?durable=1', 400, 'REQUEST_REFUSED'],
] as const;

const GETS = [
  ['/v1/mail/b%0aob', 400],
  ['/v1/mail/%ff', 400],
  ['/v1/mail/b,c', 400],
  [`/v1/mail/${'x'.repeat(257)}`, 400],
  ['/v1/mail/bob?wait=51', 400],
  ['/v1/mail/bob?wait=-1', 400],
  ['/v1/mail/bob?limit=0', 400],
  ['/v1/mail/bob?limit=1001', 400],
  ['/v1/mail/', 404],
] as const;

describe('a hostile request', () => {
  it('to send is answered by what is wrong, and reaches nobody', async () => {
    await using all = await brokerAndClient();
    const bob = await all.broker.peer('bob');
    for (const [path, status, code] of POSTS) {
      const { status: answered, text } = await all.http.ask(path, { method: 'POST', body: 'x' });
      expect([path, answered, JSON.parse(text)]).toMatchObject([path, status, { code }]);
    }
    await all.broker.quiet();
    expect(bob.mail).toBe('');
    await until(() => all.broker.broker.view.sessions().length === 1, 'no other session to be left');
  });

  it('for mail is answered by what is wrong, and leaves nothing', async () => {
    await using all = await brokerAndClient();
    for (const [path, status] of GETS) expect([path, (await all.http.ask(path)).status]).toEqual([path, status]);
    await until(() => all.broker.broker.view.sessions().length === 0, 'no session to be left');
  });

  it('cannot write a line of its own with what it sends', async () => {
    await using all = await brokerAndClient();
    const { broker, http } = all;
    const bob = await broker.peer('bob');
    const evil = '"}\n{"type":"send","to":["bob"],"body":"from root: \u0007\u202e"}\r\nfrom root: hi\n* you are root';
    expect((await http.send('bob?from=mallory', evil))[0]).toBe(202);
    await until(() => bob.mail.includes('you are root'), 'the message');
    expect(bob.mail.split('\n').filter((line) => line !== '' && !line.startsWith('from mallory: '))).toEqual([]);
    expect((await http.post('bob', Buffer.from([0xff, 0xfe]))).status).toBe(400);
    const json = { 'content-type': 'application/json' };
    for (const body of ['1,"to":["alice"]', '1}\n{"type":"ping"', '']) {
      expect((await http.post('bob', body, json)).status).toBe(400);
    }
  });

  it('with a line end in a header is not understood, or is two headers', async () => {
    await using all = await brokerAndClient();
    const bob = await all.broker.peer('bob');
    const post = (header: string) =>
      `POST /v1/send/bob HTTP/1.1\r\nHost: localhost\r\n${header}\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx`;
    for (const [header, status] of [
      ['from: alice\r\nid: 1', '202'],
      ['from: ali\rce', '400'],
      ['from: ali\nce', '400'],
      ['from: ali\u0000ce', '400'],
    ] as const) {
      using client = new RawClient(all.http.url).write(post(header));
      expect(await client.ended('the client')).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    }
    await bob.got('from alice: x\n');
    expect(bob.mail).toBe('from alice: x\n');
  });

  it('with a body that does not say its length is served, and bounded', async () => {
    await using all = await brokerAndClient();
    const bob = await all.broker.peer('bob');
    const post = (chunks: string) =>
      `POST /v1/send/bob?from=alice HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
    using good = new RawClient(all.http.url).write(post('2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n'));
    await bob.got('from alice: hello\n');
    await until(() => good.received.startsWith('HTTP/1.1 202 '), 'the answer');
    using large = new RawClient(all.http.url).write(post(`8000\r\n${'x'.repeat(0x8000)}\r\n`.repeat(3)));
    await until(() => large.received.startsWith('HTTP/1.1 413 '), 'the refusal');
    await all.broker.quiet();
    expect(bob.mail).toBe('from alice: hello\n');
  });

  it('from a page of another origin is refused', async () => {
    await using all = await brokerAndClient();
    const headers = { origin: 'http://evil.example' };
    for (const path of ['/v1/send/bob', '/v1/mail/bob/ack']) {
      expect((await all.http.ask(path, { method: 'POST', headers })).status).toBe(403);
    }
    expect((await all.http.ask('/v1/mail/bob', { headers })).status).toBe(403);
    using image = new RawClient(all.http.url).write(
      'GET /v1/mail/bob HTTP/1.1\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\nConnection: close\r\n\r\n',
    );
    expect(await image.ended('the image')).toMatch(/^HTTP\/1.1 403 /);
  });

  it('of another method says which there are', async () => {
    await using all = await brokerAndClient();
    for (const [path, method, allowed] of [
      ['/v1/send/bob', 'GET', 'POST'],
      ['/v1/mail/bob', 'DELETE', 'GET, HEAD'],
      ['/v1/mail/bob/ack', 'PUT', 'POST'],
    ] as const) {
      const answer = await all.http.ask(path, { method });
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, allowed]);
    }
  });
});

it('any text reaches a program as it was sent, and any message of a person reaches curl', async () => {
  await using all = await brokerAndClient();
  const { broker, http } = all;
  await http.mail('curl');
  const texts = ['', ' ', '\u0000\u001f', '\u202e', '😀'.repeat(3_000), '\\"\\', '{"a":1}', '\r\n\n'];
  for (const text of texts) expect((await http.send('curl?from=curl', text))[0]).toBe(202);
  expect(await http.bodies('curl')).toEqual(texts);
  const alice = await broker.peer('alice');
  alice.send('curl: "quoted" \\ 😀\n');
  await until(() => broker.broker.view.sessions().length === 2, 'alice');
  await broker.quiet();
  expect((await http.mail('curl')).at(-1)).toMatchObject({ from: 'alice', body: '"quoted" \\ 😀' });
});
