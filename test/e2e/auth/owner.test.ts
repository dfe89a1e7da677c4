/** A mailbox is looked into and purged by the owner of its name and by the operator, and by nobody else. */
import { describe, expect, it } from 'vitest';
import { ProgramPeer } from '../../helpers/program-peer.ts';
import { HttpClient } from '../transports/http/messages/client.ts';
import { AuthBroker, accountOf, PASSWORD, tokenOf } from './accounts.ts';

const ADMIN = 'the-token-of-the-operator';
const NAME = 'bob & 50% off';
const PATH = `/v1/names/${encodeURIComponent(NAME)}/mail`;
const [token, stored] = tokenOf([NAME]);
const [other, storedOther] = tokenOf(['eve']);
const FILE = { accounts: [accountOf(NAME), accountOf('eve')], tokens: [stored, storedOther] };
const bearer = (secret: string) => ({ authorization: `Bearer ${secret}` });
const basic = { authorization: `Basic ${Buffer.from(`me:${PASSWORD}`).toString('base64')}` };

/** Mail waits for the name. */
async function started(settings: Record<string, string> = {}) {
  const auth = await AuthBroker.start(FILE, { ADMIN_TOKEN: ADMIN, HOLD_UNKNOWN: 'on', ...settings });
  const http = new HttpClient(auth.up.broker.httpUrl);
  const send = (body: string) =>
    http.ask(`/v1/send/${encodeURIComponent(NAME)}?from=eve`, { method: 'POST', body, headers: bearer(other) });
  for (const text of ['one', 'two', 'three']) expect((await send(text)).status).toBe(202);
  const ask = async (path: string, headers: Record<string, string>, method = 'GET') => {
    const { status, text } = await http.ask(path, { method, headers });
    return { status, body: JSON.parse(text) as Record<string, unknown> };
  };
  const peer = (hello: object) => ProgramPeer.hello(auth.up, hello);
  return { ask, http, peer, [Symbol.asyncDispose]: () => auth[Symbol.asyncDispose]() };
}

const texts = ({ body }: { body: Record<string, unknown> }) =>
  (body.messages as { text: string; seq: number }[]).map(({ text }) => text);

describe('the mailbox of a name', () => {
  it('is listed and purged by its owner, who takes nothing from it by that', async () => {
    await using asked = await started();
    const { ask } = asked;
    const listed = await ask(PATH, bearer(token));
    expect([listed.status, texts(listed)]).toEqual([200, ['one', 'two', 'three']]);
    expect(texts(await ask(PATH, basic))).toEqual(['one', 'two', 'three']);
    const [first] = listed.body.messages as { seq: number }[];
    expect(await ask(`${PATH}/${first?.seq}`, basic, 'DELETE')).toMatchObject({ status: 200, body: { purged: 1 } });
    expect(texts(await ask(PATH, bearer(ADMIN)))).toEqual(['two', 'three']);
    expect(await ask(PATH, bearer(token), 'DELETE')).toMatchObject({ status: 200, body: { purged: 2 } });
    expect(texts(await ask(PATH, bearer(ADMIN)))).toEqual([]);
  });

  it.each(['GET', 'DELETE'])('is nobody else’s: %s', async (method) => {
    await using asked = await started();
    const { ask } = asked;
    for (const path of [PATH, `${PATH}/1`]) {
      if (path !== PATH && method === 'GET') continue;
      expect((await ask(path, {}, method)).body).toMatchObject({ status: 401, code: 'TOKEN_NEEDED' });
      for (const proof of [bearer(other), bearer('wrong'), bearer(`${token}x`)]) {
        expect((await ask(path, proof, method)).body).toMatchObject({ status: 401, code: 'PROOF_WRONG' });
      }
    }
    expect(texts(await ask(PATH, bearer(ADMIN)))).toHaveLength(3);
  });

  it('is all that the owner may use of the admin API', async () => {
    await using asked = await started();
    const { ask } = asked;
    for (const path of ['/v1/names', '/v1/info', '/v1/connections', '/v1/shards', '/v1/history', '/v1/live']) {
      expect((await ask(path, bearer(token))).body, path).toMatchObject({ status: 401, code: 'TOKEN_NEEDED' });
    }
    expect((await ask(`/v1/names/eve/mail`, bearer(token))).body).toMatchObject({ code: 'PROOF_WRONG' });
  });

  it('is not to be guessed at: who fails too often is told to wait, and the operator is not', async () => {
    await using asked = await started();
    const { ask } = asked;
    await Promise.all(Array.from({ length: 20 }, () => ask(PATH, bearer('guessed'))));
    expect((await ask(PATH, basic)).body).toMatchObject({ status: 429, code: 'PROOFS_LIMITED' });
    expect((await ask(PATH, bearer(ADMIN))).status).toBe(200);
  });

  it('of a free name is the operator’s alone, whatever a request says', async () => {
    await using asked = await started({ AUTH: 'names' });
    const { ask, http } = asked;
    expect((await http.post('free', 'hi')).status).toBe(202);
    expect((await ask('/v1/names/free/mail', {})).body).toMatchObject({ code: 'TOKEN_NEEDED' });
    expect((await ask('/v1/names/free/mail', bearer(token))).body).toMatchObject({ status: 401 });
    expect(texts(await ask('/v1/names/free/mail', bearer(ADMIN)))).toEqual(['hi']);
  });

  it('of a name that begins with ~ is the operator’s alone, although any proof is enough to come by it', async () => {
    await using asked = await started();
    const { ask, peer } = asked;
    const program = await peer({ name: '~who', token });
    await program.got('welcome');
    for (const proof of [bearer(other), bearer(token)]) {
      expect((await ask('/v1/names/~who/mail', proof)).body).toMatchObject({ code: 'TOKEN_NEEDED' });
      expect((await ask('/v1/names/~who/mail', proof, 'DELETE')).body).toMatchObject({ code: 'TOKEN_NEEDED' });
    }
    expect((await ask('/v1/names/~who/mail', bearer(ADMIN))).status).toBe(200);
  });
});
