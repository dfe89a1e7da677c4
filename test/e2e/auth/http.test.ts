/** Mail over HTTP belongs to who proves its name, in each request. */
import { expect, it } from 'vitest';
import { MAX_READERS } from '../../../src/http/messages/http-programs.ts';
import { newToken } from '../../../src/session/auth/accounts/secret.ts';
import { BY_ADDRESS } from '../../../src/session/auth/limits/failures.ts';
import { until } from '../../helpers/until.ts';
import { HttpClient } from '../transports/http/messages/client.ts';
import { AuthBroker, accountOf, PASSWORD, tokenOf } from './accounts.ts';

const [token, stored] = tokenOf(['bob']);
const [other, storedOther] = tokenOf(['eve']);
const FILE = { accounts: [accountOf('bob'), accountOf('eve')], tokens: [stored, storedOther] };
const basic = (user: string) => ({
  headers: { authorization: `Basic ${Buffer.from(`${user}:${PASSWORD}`).toString('base64')}` },
});
const bearer = (secret: string) => ({ headers: { authorization: `Bearer ${secret}` } });

async function codeOf(http: HttpClient, path: string, init: RequestInit = {}): Promise<unknown> {
  const { status, text } = await http.ask(path, init);
  return [status, status < 400 ? undefined : (JSON.parse(text) as { code: unknown }).code];
}

it('is read and acknowledged with a token or a password of the name, and with nothing else', async () => {
  await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
  const http = new HttpClient(it_.up.broker.httpUrl);
  expect(await codeOf(http, '/v1/mail/bob')).toEqual([401, 'PROOF_NEEDED']);
  expect(await codeOf(http, '/v1/mail/bob', bearer('wrong'))).toEqual([401, 'PROOF_WRONG']);
  expect(await codeOf(http, '/v1/mail/bob', bearer(other))).toEqual([401, 'PROOF_WRONG']);
  expect(await codeOf(http, '/v1/mail/bob', bearer(token))).toEqual([200, undefined]);
  expect((await http.post('bob', 'secret')).status).toBe(202);
  expect(await codeOf(http, '/v1/mail/bob'), 'in the lease of another').toEqual([401, 'PROOF_NEEDED']);
  expect(await codeOf(http, '/v1/mail/bob', bearer(other)), 'and wrong').toEqual([401, 'PROOF_WRONG']);
  const { text } = await http.ask('/v1/mail/bob', bearer(token));
  const { seq } = JSON.parse(text) as { seq: number };
  const ack = { method: 'POST', body: JSON.stringify({ seq }) };
  expect(await codeOf(http, '/v1/mail/bob/ack', ack)).toEqual([401, 'PROOF_NEEDED']);
  expect(await codeOf(http, '/v1/mail/bob/ack', { ...ack, ...bearer(other) })).toEqual([401, 'PROOF_WRONG']);
  expect(await codeOf(http, '/v1/mail/bob/ack', { ...ack, ...bearer(token) })).toEqual([200, undefined]);
  expect(await codeOf(http, '/v1/mail/eve', basic('eve'))).toEqual([200, undefined]);
});

it('is taken over by another proof of the same name', async () => {
  await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
  const http = new HttpClient(it_.up.broker.httpUrl);
  const waits = codeOf(http, '/v1/mail/bob?wait=30', bearer(token));
  await until(() => it_.up.broker.view.sessions().some(({ name }) => name === 'bob'), 'the first to wait');
  expect(await codeOf(http, '/v1/mail/bob', basic('bob'))).toEqual([200, undefined]);
  expect(await waits).toEqual([503, 'NOT_SERVED']);
});

it('is guessed no faster while a session of its name is open', async () => {
  await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
  const http = new HttpClient(it_.up.broker.httpUrl);
  const ack = { method: 'POST', body: '{"seq":1}' };
  expect(await codeOf(http, '/v1/mail/bob', basic('bob'))).toEqual([200, undefined]);
  // Each of them counts as a login that has failed, whatever it asks for.
  const guesses = Array.from({ length: BY_ADDRESS.units }, (_, guess) =>
    codeOf(http, guess % 2 === 0 ? '/v1/mail/bob' : '/v1/mail/bob/ack', {
      ...(guess % 2 === 0 ? {} : ack),
      ...bearer(`guess-${guess}`),
    }),
  );
  expect(new Set((await Promise.all(guesses)).map(String))).toEqual(new Set(['401,PROOF_WRONG']));
  expect(await codeOf(http, '/v1/mail/bob', bearer('wrong'))).toEqual([429, 'PROOFS_LIMITED']);
  for (const right of [basic('bob'), { ...ack, ...basic('bob') }]) {
    const path = 'body' in right ? '/v1/mail/bob/ack' : '/v1/mail/bob';
    expect(await codeOf(http, path, right)).toEqual([429, 'PROOFS_LIMITED']);
  }
  expect(await codeOf(http, '/v1/mail/bob', bearer(token)), 'what nobody guesses').toEqual([200, undefined]);
});

it('is read at once by who proves it, though somebody tries again and again who cannot', async () => {
  await using it_ = await AuthBroker.start(FILE, { AUTH: 'names' });
  const http = new HttpClient(it_.up.broker.httpUrl);
  const failed = [bearer('wrong'), bearer(other), {}].map((init) => codeOf(http, '/v1/mail/bob', init));
  await until(() => it_.up.broker.view.sessions().length > 0, 'a wrong proof to be looked at');
  expect(await codeOf(http, '/v1/mail/bob', bearer(token))).toEqual([200, undefined]);
  expect(it_.up.broker.view.sessions().length, 'those who cannot are not answered yet').toBeGreaterThan(1);
  expect((await Promise.all(failed)).map(String)).toEqual(['401,PROOF_WRONG', '401,PROOF_WRONG', '401,PROOF_NEEDED']);
});

it('is read and kept for who proves it, though strangers read more names than may be read', async () => {
  await using it_ = await AuthBroker.start(FILE);
  const { view, httpUrl } = it_.up.broker;
  const http = new HttpClient(httpUrl);
  expect(await codeOf(http, '/v1/mail/bob', bearer(token))).toEqual([200, undefined]);
  const post = { method: 'POST', body: 'text' };
  expect(await codeOf(http, '/v1/send/bob?from=bob', { ...post, ...bearer(token) })).toEqual([202, undefined]);
  const { seq } = JSON.parse((await http.ask('/v1/mail/bob', bearer(token))).text) as { seq: number };
  const strangers = Array.from({ length: MAX_READERS + 6 }, (_, index) =>
    codeOf(http, `/v1/mail/x${index}?wait=5`, bearer(newToken())),
  );
  await until(() => view.sessions().length > MAX_READERS, 'the strangers to be looked at');
  let answered = false;
  const answers = Promise.all(strangers).finally(() => {
    answered = true;
  });
  do expect(await codeOf(http, '/v1/mail/eve', bearer(other))).toEqual([200, undefined]);
  while (!answered);
  const ack = { method: 'POST', body: JSON.stringify({ seq }) };
  expect(await codeOf(http, '/v1/mail/bob/ack', { ...ack, ...bearer(token) })).toEqual([200, undefined]);
  expect(new Set((await answers).map(String))).toEqual(new Set(['401,PROOF_WRONG']));
});

it('is sent under a name by who proves it, and where all are asked by nobody else', async () => {
  await using it_ = await AuthBroker.start(FILE);
  const http = new HttpClient(it_.up.broker.httpUrl);
  const post = { method: 'POST', body: 'text' };
  expect(await codeOf(http, '/v1/send/bob', post)).toEqual([401, 'PROOF_NEEDED']);
  expect(await codeOf(http, '/v1/send/bob?from=eve', { ...post, ...bearer(token) })).toEqual([401, 'PROOF_WRONG']);
  expect(await codeOf(http, '/v1/send/bob?from=bob', { ...post, ...bearer(token) })).toEqual([202, undefined]);
  expect(it_.log.join('')).not.toContain(token);
});
