/** The routes of the admin API on a broker on paper: who may use them, and what they do not take. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import type { Sample } from '../../../../src/broker/admin/answers.ts';
import { History } from '../../../../src/broker/admin/history.ts';
import { type AdminEnv, guard } from '../../../../src/http/admin/guard.ts';
import { MAX_LISTENERS, MAX_UNREAD } from '../../../../src/http/admin/live.ts';
import { MAX_ROWS } from '../../../../src/http/admin/questions.ts';
import { adminRoutes } from '../../../../src/http/admin/routes.ts';
import { readToken, Token } from '../../../../src/http/admin/token.ts';
import { Problem } from '../../../../src/http/problems.ts';
import { isLoopback } from '../../../../src/shared/visitors/loopback.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';
import { paperAdmin } from './paper.ts';

const TOKEN = 'a-token-of-the-operator';

/** What the server of Node gives to a request from an address. */
function from(address: string | undefined, destroyed: () => void = () => undefined): object {
  return { incoming: { socket: { remoteAddress: address } }, outgoing: { destroy: destroyed } };
}

const HERE = from('127.0.0.1');

describe('an address', () => {
  it.each(['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', '::FFFF:127.0.0.1'])(
    '%s is of this machine',
    (address) => {
      expect(isLoopback(address)).toBe(true);
    },
  );

  it.each(['10.0.0.1', '128.0.0.1', '::2', '::ffff:10.0.0.1', 'fe80::1', '0.0.0.0', '', 'localhost', undefined])(
    '%s is not',
    (address) => expect(isLoopback(address)).toBe(false),
  );
});

describe('without a token', () => {
  const app = adminRoutes(paperAdmin({ connections: () => ({ total: 0, connections: [] }) }), undefined);

  it('only a socket from this machine is answered, whatever the request says', async () => {
    expect((await app.request('/connections', {}, HERE)).status).toBe(200);
    const headers = { 'x-forwarded-for': '127.0.0.1', forwarded: 'for=127.0.0.1' };
    for (const env of [from('192.0.2.1'), from(undefined), {}]) {
      const answer = await app.request('/connections', { headers }, env);
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'NOT_LOOPBACK' }]);
    }
  });

  it.each(['x-forwarded-for', 'forwarded', 'via'])('what a proxy here has passed on is refused: %s', async (header) => {
    const answer = await app.request('/connections', { headers: { [header]: '1.1 somebody' } }, HERE);
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'NOT_LOOPBACK' }]);
  });

  it('what a browser has sent for another page changes nothing, also if it has no origin', async () => {
    const drained: string[] = [];
    const own = adminRoutes(paperAdmin({ drain: () => void drained.push('drained') }), undefined);
    for (const site of ['cross-site', 'same-site']) {
      const answer = await own.request('/drain', { method: 'POST', headers: { 'sec-fetch-site': site } }, HERE);
      expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'ORIGIN_REFUSED' }]);
    }
    expect(drained).toEqual([]);
    for (const headers of [{ 'sec-fetch-site': 'same-origin' }, { 'sec-fetch-site': 'none' }, {}]) {
      expect((await own.request('/drain', { method: 'POST', headers }, HERE)).status).toBe(202);
    }
  });
});

describe('with a token', () => {
  it('who has it is answered from anywhere, and nobody else', async () => {
    const app = new Hono<AdminEnv>();
    app.use(guard(new Token(TOKEN)));
    app.get('/', (context) => context.text('yes'));
    const status = async (authorization: string | undefined, env = from('192.0.2.1')) =>
      (await app.request('/', authorization === undefined ? {} : { headers: { authorization } }, env)).status;
    expect(await status(`Bearer ${TOKEN}`)).toBe(200);
    expect(await status(`bearer  ${TOKEN}`)).toBe(200);
    const wrong = [undefined, '', 'Bearer', TOKEN, `Basic ${TOKEN}`, `Bearer ${TOKEN} x`, `Bearer x${TOKEN}`];
    for (const each of wrong) expect(await status(each, HERE)).toBe(401);
  });

  it('it is read from the setting, or from a file, and never shown', () => {
    using folder = temporaryFolder();
    const file = join(folder.path, 'token');
    const none = { ADMIN_TOKEN: undefined, ADMIN_TOKEN_FILE: 'none' };
    expect(readToken(none)).toBeUndefined();
    writeFileSync(file, `  ${TOKEN}\n`);
    const inFile = readToken({ ...none, ADMIN_TOKEN_FILE: file });
    expect([inFile?.isIn(`Bearer ${TOKEN}`), inFile?.isIn('Bearer other')]).toEqual([true, false]);
    expect(JSON.stringify(inFile)).not.toContain(TOKEN);
    expect(() => readToken({ ADMIN_TOKEN: TOKEN, ADMIN_TOKEN_FILE: file })).toThrow('both set');
    expect(() => readToken({ ...none, ADMIN_TOKEN_FILE: `${file}x` })).toThrow('cannot be read');
    writeFileSync(file, 'short\n');
    expect(() => readToken({ ...none, ADMIN_TOKEN_FILE: file })).toThrow(
      /^the file of ADMIN_TOKEN_FILE must have 8 to 512/,
    );
  });
});

describe('a question', () => {
  const view = paperAdmin({
    connections: () => ({ total: 0, connections: [] }),
    names: async () => ({ names: [], more: false, next: null }),
    mail: async (name) => ({ state: name as 'busy' }),
    purgeOne: async () => ({ state: 'purged', purged: 0, more: false }),
    kick: () => false,
  });
  const app = adminRoutes(view, undefined).onError((error, context) => {
    if (error instanceof Problem) return error.answer(context);
    throw error;
  });

  it.each([
    ['GET', `/connections?limit=${MAX_ROWS + 1}`, 400, 'REQUEST_REFUSED'],
    ['GET', '/connections?sort=age', 400, 'REQUEST_REFUSED'],
    ['GET', '/connections?offset=x', 400, 'REQUEST_REFUSED'],
    ['GET', '/names?limit=1001', 400, 'REQUEST_REFUSED'],
    ['GET', '/names?waiting=perhaps', 400, 'REQUEST_REFUSED'],
    ['POST', '/connections/x/kick', 400, 'REQUEST_REFUSED'],
    ['POST', '/connections/99999999999999999/kick', 400, 'REQUEST_REFUSED'],
    ['POST', '/connections/7/kick', 404, 'NO_CONNECTION'],
    ['GET', '/names/unknown/mail', 404, 'NAME_NOT_KNOWN'],
    ['GET', '/names/busy/mail', 503, 'SHARD_BUSY'],
    ['GET', '/names/down/mail', 503, 'SHARD_DOWN'],
    ['GET', '/names/unreadable/mail', 503, 'MAIL_UNREADABLE'],
    ['GET', '/names/unwritable/mail', 503, 'MAIL_UNWRITABLE'],
    ['DELETE', '/names/x/mail/7', 404, 'NO_MESSAGE'],
    ['PUT', '/log-level', 400, 'REQUEST_REFUSED'],
    ['PATCH', '/info', 405, 'NO_METHOD'],
  ])('%s %s is answered %d %s', async (method, path, status, code) => {
    const answer = await app.request(path, { method }, HERE);
    expect([answer.status, await answer.json()]).toMatchObject([status, { code }]);
  });
});

describe('who listens', () => {
  const sample = (at: number): Sample => ({ at, connections: 0, rssBytes: 0, shards: [] });

  /** The stream, of a history whose samples a test takes. */
  function listening() {
    let at = 0;
    const history = new History(
      async () => sample(++at),
      () => undefined,
    );
    return { history, app: adminRoutes(paperAdmin({ history }), undefined) };
  }

  it('and does not read is dropped, and makes room for another', async () => {
    const { history, app } = listening();
    let destroyed = 0;
    const listen = () =>
      app.request(
        '/live',
        {},
        from('127.0.0.1', () => void destroyed++),
      );
    for (let count = 0; count < MAX_LISTENERS; count++) expect((await listen()).status).toBe(200);
    expect((await listen()).status).toBe(503);
    for (let count = 0; count < MAX_UNREAD; count++) await history.tick();
    expect(destroyed).toBe(0);
    await history.tick();
    await history.tick();
    expect(destroyed).toBe(MAX_LISTENERS);
    expect((await listen()).status).toBe(200);
  });

  it('and reads gets every sample, until the broker ends', async () => {
    const { history, app } = listening();
    const answer = await app.request('/live', {}, HERE);
    const text = answer.text();
    await history.tick();
    await history.tick();
    history.end();
    expect(await text).toMatch(
      /^: samples\n\nevent: sample\ndata: \{"at":1,.*\n\nevent: sample\ndata: \{"at":2,.*\n\n$/,
    );
  });
});
