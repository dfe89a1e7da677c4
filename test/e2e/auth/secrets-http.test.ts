/** Secrets are planted wherever a request can have them, and looked for in all that is answered, logged and shown. */
import { expect, it, vi } from 'vitest';
import { RawClient } from '../../helpers/programs/raw-client.ts';
import { WebClient } from '../../helpers/programs/web-client.ts';
import { upgradeRequest } from '../../helpers/programs/web-frames.ts';
import { AuthBroker, tokenOf } from './accounts.ts';
import { partsOf, textOfFolder } from './planted.ts';

// Every line is logged, and not one of its kind in five seconds.
vi.mock('../../../src/shared/common/log/log.ts', async (original) => {
  const log = await original<typeof import('../../../src/shared/common/log/log.ts')>();
  class Unlimited extends log.RateLimitedWarnings {
    constructor(to: ConstructorParameters<typeof log.RateLimitedWarnings>[0]) {
      super(to, 0);
    }
  }
  return { ...log, RateLimitedWarnings: Unlimited };
});

const ADMIN = 'Vb3nYt8Qe5Zr1Lk6Wm0Xs';
const WRONG = 'h5Fg2JsUe7Ao4WiKc0Vx';
const [good, stored] = tokenOf(['bob']);
const REFUSED = 'Host: evil.example\r\nOrigin: http://localhost';
const ADDRESS = 'X-Forwarded-For: 192.0.2.1\r\nHost: localhost';
const BODY = 'Content-Type: application/json\r\nContent-Length: 40\r\nHost: localhost';

/** The first line, the headers, and perhaps a body: each with what must be nowhere. */
const REQUESTS: readonly (readonly [line: string, headers: string, body?: string])[] = [
  ['GET /v1/mail/bob', `Host: localhost\r\nAuthorization: Bearer ${WRONG}`],
  ['GET /v1/mail/bob', `Host: localhost\r\nAuthorization: Bearer a ${WRONG}`],
  ['GET /v1/mail/bob', `Host: localhost\r\nAuthorization: Basic !${WRONG}`],
  ['GET /v1/mail/bob', `Host: localhost\r\nAuthorization: ${WRONG}`],
  ['GET /v1/mail/bob', `Host: localhost\r\nAuthorization: Bearer ${good}\r\nCookie: token=${WRONG}`],
  [`GET /v1/mail/bob?token=${WRONG}&access_token=${good}`, `${ADDRESS}\r\nReferer: http://localhost/?${WRONG}`],
  [`GET /v1/mail/bob?wait=${WRONG}`, `Host: localhost\r\nAuthorization: Bearer ${good}`],
  [`GET /v1/mail/bob?token=${WRONG}`, REFUSED],
  [`GET /v1/mail/${good}`, 'Host: localhost'],
  [`POST /v1/send/bob?from=${good}`, 'Host: localhost\r\nContent-Length: 1', 'x'],
  [`POST /v1/send/bob?from=bob&id=${'x'.repeat(129)}`, `Host: localhost\r\nAuthorization: Bearer ${good}`],
  ['POST /v1/mail/bob/ack', `${BODY}\r\nAuthorization: Bearer ${good}`, `{"token":"${WRONG}",,`.padEnd(40)],
  ['POST /v1/mail/bob/ack', `${BODY}\r\nAuthorization: Bearer ${good}`, `{"seq":"${WRONG}"}`.padEnd(40)],
  [`GET /v1/none/${WRONG}`, 'Host: localhost'],
  [`GET /v1/mail/%ff${WRONG}`, 'Host: localhost'],
  [`GET http://bob:${WRONG}@evil.example/v1/mail/bob`, 'Host: localhost'],
  ['GET /v1/mail/bob', `Host: bob:${WRONG}@localhost`],
  ['GET /v1/mail/bob', `Host: localhost\r\nOrigin: https://bob:${WRONG}@evil.example`],
  ['POST /v1/send/bob', `Host: localhost\r\nTransfer-Encoding: ${WRONG}`],
  [`GET /v1/mail/b ob/${WRONG}`, `Host: localhost\r\nAuthorization: Bearer ${WRONG}`],
  ['GET /livez', `Host: localhost\r\nAuthorization Bearer ${WRONG}`],
  ['GET /v1/connections', `Host: localhost\r\nAuthorization: Bearer ${WRONG}`],
  [`GET /v1/connections?token=${ADMIN}`, 'Host: localhost'],
  [`GET /v1/connections?limit=${WRONG}`, `Host: localhost\r\nAuthorization: Bearer ${WRONG}`],
];

const UPGRADES: readonly (readonly [headers: Readonly<Record<string, string>>, path?: string])[] = [
  [{}, `/v1/ws?token=${WRONG}`],
  [{}, `/v1/none/${WRONG}`],
  [{ 'Sec-WebSocket-Protocol': `restante.v1, ${WRONG}` }],
  [{ 'Sec-WebSocket-Protocol': WRONG }],
  [{ 'Sec-WebSocket-Key': WRONG }],
  [{ Authorization: `Bearer ${WRONG}` }],
  [{ Host: `bob:${WRONG}@localhost`, Origin: `http://bob:${WRONG}@localhost` }],
];

/** What an operator is shown, and the page. */
const SHOWN = [
  ...['/', '/metrics', '/readyz', '/v1/openapi.json', '/v1/info', '/v1/connections', '/v1/names', '/v1/shards'],
  ...['/v1/history', '/v1/names/bob/mail'],
];

it('no secret of a request is in an answer, the log, what an operator is shown, the page, or the folder', async () => {
  await using it_ = await AuthBroker.start({ tokens: [stored] }, { ADMIN_TOKEN: ADMIN, LOG_LEVEL: 'trace' });
  const { up } = it_;
  const url = up.broker.httpUrl ?? '';
  const said: string[] = [];
  const ask = async ([line, headers, body = '']: (typeof REQUESTS)[number]) => {
    using client = new RawClient(url).write(`${line} HTTP/1.1\r\n${headers}\r\nConnection: close\r\n\r\n${body}`);
    await client.ended(line);
    expect(client.received).toMatch(/^HTTP\/1\.1 \d/);
    said.push(client.received);
  };
  await Promise.all(REQUESTS.map(ask));
  for (const [line, headers] of REQUESTS.slice(0, 6)) {
    const peer = await up.connect();
    peer.send(`${line} HTTP/1.1\r\n${headers}\r\n\r\n`);
    await peer.gone();
    said.push(peer.received);
  }
  for (const [headers, path] of UPGRADES) {
    using client = await WebClient.to(up, upgradeRequest(headers, path));
    said.push(JSON.stringify(client.told), client.frames.map(({ payload }) => payload.toString()).join(''));
  }
  // One that is asked for its proof, has given half of it, and is listed.
  const half = await up.connect();
  half.send(`bob\n${WRONG}`);
  await half.got('* password for bob?');
  const views: string[] = [];
  for (const path of SHOWN) {
    const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${ADMIN}` } });
    expect([path, answer.status]).toEqual([path, 200]);
    views.push(await answer.text());
  }
  expect(views.join('')).toContain('"standing":"unnamed"');
  await up.broker.view.drain();
  const log = it_.log.join('');
  expect(log.split('"code":"HTTP_REFUSED"').length).toBeGreaterThan(4);
  const places = { said: said.join(''), log, views: views.join(''), folder: textOfFolder(it_.dataDir) };
  const parts = [ADMIN, WRONG, good].flatMap(partsOf);
  for (const [place, text] of Object.entries(places)) {
    expect([place, parts.filter((part) => text.includes(part))]).toEqual([place, []]);
  }
});
