/** What an operator is answered is what is described, and every route of the server is described. */
import { expect, it } from 'vitest';
import type { AdminView } from '../../../../../src/broker/admin/admin-view.ts';
import { MAX_LISTENERS } from '../../../../../src/http/admin/live.ts';
import { httpApp } from '../../../../../src/http/app.ts';
import { OPENAPI } from '../../../../../src/http/openapi/document.ts';
import { ConfigError } from '../../../../../src/shared/common/config/problems.ts';
import { Settings } from '../../../../../src/shared/common/config/settings.ts';
import { type Config, readConfig } from '../../../../../src/shared/common/config.ts';
import { startBroker } from '../../../../helpers/broker.ts';
import { until } from '../../../../helpers/until.ts';
import { paperAdmin, paperHost } from '../../../../unit/broker/http/paper.ts';
import { HttpClient } from '../messages/client.ts';
import { Checked, type Document } from './described.ts';

type Step = readonly [method: string, path: string, body?: string];

const DOCUMENT = OPENAPI as unknown as Document;
const FORWARDED = { 'x-forwarded-for': '192.0.2.1' };
/** One of each operation. */
const OPERATIONS: readonly Step[] = [
  ['GET', '/v1/info'],
  ['GET', '/v1/connections'],
  ['POST', '/v1/connections/1/kick'],
  ['GET', '/v1/names'],
  ['GET', '/v1/names/bob/mail'],
  ['DELETE', '/v1/names/bob/mail'],
  ['DELETE', '/v1/names/bob/mail/1'],
  ['GET', '/v1/shards'],
  ['GET', '/v1/history'],
  ['GET', '/v1/live'],
  ['POST', '/v1/backup'],
  ['POST', '/v1/drain'],
  ['PUT', '/v1/log-level', '{"level":"silent"}'],
  ['POST', '/v1/reload'],
];
/** What is not understood, and what is not there. */
const WRONG: readonly Step[] = [
  ['GET', '/v1/connections?limit=0'],
  ['POST', '/v1/connections/x/kick'],
  ['POST', '/v1/connections/99999/kick'],
  ['GET', '/v1/names?limit=0'],
  ['GET', '/v1/names/bob/mail?limit=0'],
  ['GET', '/v1/names/nobody/mail'],
  ['DELETE', '/v1/names/nobody/mail'],
  ['DELETE', '/v1/names/bob/mail/x'],
  ['DELETE', '/v1/names/bob/mail/1'],
  ['PUT', '/v1/log-level', '{"level":"loud"}'],
  ['PUT', '/v1/log-level', 'x'.repeat(2_000)],
];

async function askEach(http: HttpClient, steps: readonly Step[], headers: Record<string, string> = {}): Promise<void> {
  for (const [method, path, body] of steps)
    await http.ask(path, { method, headers, ...(body === undefined ? {} : { body }) });
}

/** Bob is away and has mail, of which one message expires, and Alice is here. */
async function peopled(broker: Awaited<ReturnType<typeof startBroker>>, http: HttpClient): Promise<void> {
  await (await broker.peer('bob')).leave();
  const alice = await broker.peer('alice');
  alice.send(`bob: one\nbob: ${'x'.repeat(2_000)}\n`);
  await broker.quiet();
  await http.post('bob?ttl=3600', 'expires');
}

/** Fills the places of those who listen, and one more. */
async function listen(http: HttpClient): Promise<void> {
  using stop = new AbortScope();
  const { signal } = stop;
  const opened = Array.from({ length: MAX_LISTENERS }, () => fetch(`${http.url}/v1/live`, { signal }));
  for (const { status, headers } of await Promise.all(opened)) {
    http.answers.push({ method: 'GET', path: '/v1/live', answer: { status, headers, text: '' } });
  }
  await http.ask('/v1/live');
}

class AbortScope implements Disposable {
  readonly #controller = new AbortController();

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  [Symbol.dispose](): void {
    this.#controller.abort();
  }
}

/** Asks a broker on paper, whose shard does not answer, and whose store cannot be read, or is read already. */
async function askPaper(http: HttpClient): Promise<void> {
  const down = async () => ({ state: 'down' as const });
  const shards = { names: down, mail: down, purge: down, purgeOne: down };
  await askOnPaper(http, { ...shards, backup: async () => ({ state: 'unreadable', reason: 'no' }) });
  await askOnPaper(http, { ...shards, backup: async () => ({ state: 'under way' }) });
  // Somebody whose logins have failed too often asks as the owner of a mailbox.
  const settings = new Settings(readConfig({ AUTH: 'names', ADMIN_TOKEN: 'a-token-of-a-test' }));
  const denial = { code: 'AUTH_LIMITED', seconds: 9 } as const;
  const authenticator = { authenticate: () => ({ admitted: false, denial }) as const };
  await askOnPaper(http, {}, { settings, authenticator });
}

async function askOnPaper(
  http: HttpClient,
  does: Partial<AdminView>,
  more: Partial<Parameters<typeof httpApp>[0]> = {},
): Promise<void> {
  const admin: AdminView = paperAdmin(does);
  const host = paperHost();
  const app = httpApp({ ...host, view: { ...host.view, admin }, ...more });
  const env = { incoming: { socket: { remoteAddress: '127.0.0.1' } } };
  const headers = { host: 'localhost', authorization: 'Bearer of-nobody' };
  for (const [method, path] of OPERATIONS.filter(([, path]) => /^.v1.(names|backup)/.test(path))) {
    const answer = await app.request(path, { method, headers }, env);
    http.answers.push({
      method,
      path,
      answer: { status: answer.status, headers: answer.headers, text: await answer.text() },
    });
  }
}

it('every answer to an operator is as /v1/openapi.json says, and every status that it names is seen', async () => {
  let reread: (config: Config) => Promise<Config> = async (config) => config;
  await using open = await startBroker({ SHARDS: 1 }, undefined, (config) => reread(config));
  const http = new HttpClient(open.broker.httpUrl);
  await peopled(open, http);
  await until(() => open.broker.view.admin.history.samples.length > 0, 'a sample');
  await askEach(http, OPERATIONS, FORWARDED);
  await askEach(http, WRONG);
  const { connections } = open.broker.view.admin.connections({
    sort: 'since',
    order: 'asc',
    limit: 1,
    offset: 0,
    name: '',
  });
  const mail = await open.broker.view.admin.mail('bob', 0, 1);
  const seq = mail.state === 'mail' ? mail.messages[0]?.seq : undefined;
  const usual = OPERATIONS.filter(([, path]) => !/live|drain|kick|mail/.test(path));
  await askEach(http, [
    ...usual,
    ['GET', '/v1/names/bob/mail'],
    ['DELETE', `/v1/names/bob/mail/${seq}`],
    ['DELETE', '/v1/names/bob/mail'],
    ['POST', `/v1/connections/${connections[0]?.id}/kick`],
  ]);
  reread = async () => {
    throw new ConfigError([
      { file: 'restante.toml', place: { line: 1, column: 2 }, text: 'PORT is wrong' },
      { text: 'X' },
    ]);
  };
  await askEach(http, [['POST', '/v1/reload']]);
  await listen(http);
  await askPaper(http);
  await using closed = await startBroker({ SHARDS: 1, ADMIN_TOKEN: 'a-token-of-a-test' });
  const stranger = new HttpClient(closed.broker.httpUrl);
  await askEach(
    stranger,
    OPERATIONS.filter(([, path]) => path !== '/v1/reload'),
  );
  const checked = new Checked(DOCUMENT);
  await askEach(http, [
    ['POST', '/v1/drain'],
    ['POST', '/v1/reload'],
  ]);
  for (const client of [http, stranger]) checked.check(client);
  const seen = [...checked.seen].filter((each) => !each.includes('/v1/send'));
  expect(seen.sort()).toEqual(checked.described(true).sort());
});

it('every route of the server is described, and no other', () => {
  const routes = httpApp(paperHost()).routes.filter(({ method }) => method !== 'ALL');
  const served = routes.map(({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`);
  const described = Object.entries(DOCUMENT.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual([...new Set(served)].sort());
});
