/** What holds on every route: who is refused, and what is too large. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient } from '../../../../helpers/programs/raw-client.ts';
import { brokerAndClient } from '../messages/client.ts';

const TOKEN = 'a-token-of-a-test';
const OPEN = ['GET /livez', 'GET /readyz', 'GET /metrics', 'GET /v1/openapi.json'];
const MESSAGES = ['POST /v1/send/bob', 'GET /v1/mail/bob', 'POST /v1/mail/bob/ack'];
const ADMIN = [
  ...['GET /v1/info', 'GET /v1/connections', 'POST /v1/connections/1/kick', 'GET /v1/names', 'GET /v1/names/bob/mail'],
  ...['DELETE /v1/names/bob/mail', 'DELETE /v1/names/bob/mail/1', 'GET /v1/shards', 'GET /v1/history', 'GET /v1/live'],
  ...['POST /v1/drain', 'PUT /v1/log-level'],
];
const ALL = [...OPEN, ...MESSAGES, ...ADMIN, 'GET /', 'GET /v1/none'];

/** More than all headers may have, and more than a body may have. */
const LONG = 'x'.repeat(20_000);
const TOO_MANY_BYTES = 65_537;

type All = Awaited<ReturnType<typeof brokerAndClient>>;

describe('a route', () => {
  let shared: All | undefined;
  beforeAll(async () => {
    shared = await brokerAndClient({ ADMIN_TOKEN: TOKEN });
  });
  afterAll(() => shared?.[Symbol.asyncDispose]());

  /** @returns the status of the answer, and whether the connection has ended */
  async function askFor(route: string, headers: string, body: string): Promise<string> {
    const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`;
    const text = `${route} HTTP/1.1\r\n${headers}Connection: close\r\n${length}\r\n${body}`;
    using client = new RawClient(shared?.http.url ?? '').write(text);
    return (await client.ended('the client')).split(' ')[1] ?? '';
  }

  it.each(ALL)('%s refuses who may not ask, and what is too large', async (route) => {
    const ask = (headers: string, body = '') => askFor(route, headers, body);
    const token = `Authorization: Bearer ${TOKEN}\r\n`;
    const host = `Host: localhost\r\n${token}`;
    expect(await ask(`Host: evil.example\r\n${token}`)).toBe('403');
    expect(await ask(`${host}Origin: http://evil.example\r\n`)).toBe('403');
    expect(await ask(`${host}Origin: null\r\n`)).toBe('403');
    expect(await ask(token)).toBe('400');
    expect(await ask(`${host}X: ${LONG}\r\n`)).toBe('431');
    expect(await ask(host, 'x'.repeat(TOO_MANY_BYTES))).toBe('413');
    if (route.includes(' /v1/')) expect(await ask(`${host}Sec-Fetch-Site: cross-site\r\n`)).toBe('403');
    if (!ADMIN.includes(route)) return;
    for (const wrong of [
      '',
      'Authorization: Bearer \r\n',
      `Authorization: Basic ${TOKEN}\r\n`,
      `X-Token: ${TOKEN}\r\n`,
    ]) {
      expect([wrong, await ask(`Host: localhost\r\n${wrong}`)]).toEqual([wrong, '401']);
    }
    expect(await ask(`Host: localhost\r\nAuthorization: Bearer ${TOKEN}x\r\n`)).toBe('401');
    expect(shared?.broker.broker.view.ready()).toBe(true);
  });
});
