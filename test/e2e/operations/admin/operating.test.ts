/** What an operator sees and does of a broker that runs, but for mailboxes. */
import { connect } from 'node:net';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { HISTORY_SAMPLES } from '../../../../src/broker/admin/history.ts';
import { MAX_LISTENERS } from '../../../../src/http/admin/live.ts';
import type { Log } from '../../../../src/shared/common/log/log.ts';
import { ProgramPeer } from '../../../helpers/program-peer.ts';
import { until } from '../../../helpers/until.ts';
import { DELETE, startAsked } from './api.ts';

const TOKEN = 'a-token-of-the-operator';
const POST = { method: 'POST' };
const level = (body: unknown): RequestInit => ({ method: 'PUT', body: JSON.stringify(body) });

it('a broker says what it is, and how near its limits are', async () => {
  await using asked = await startAsked({ SHARDS: 2, MAX_NAMES: 'unlimited' });
  const { broker, ask } = asked;
  await broker.peer('alice');
  const { status, body } = await ask('/v1/info');
  expect(status).toBe(200);
  expect(body).toMatchObject({ node: process.version, shards: 2, connections: 1, names: 1, draining: false });
  expect(body).toMatchObject({ logLevel: 'silent', listening: { port: broker.port, http: broker.broker.httpUrl } });
  expect(body.version).toMatch(/^\d+\.\d+\.\d+/);
  expect(body.memory.rssBytes).toBeLessThan(body.memory.boundBytes ?? Number.POSITIVE_INFINITY);
  expect(body.limits.map(({ limit }: { limit: string }) => limit)).toEqual(['MAX_CONNECTIONS', 'HELD_MAX_BYTES']);
});

it('connections are listed as they are asked for, and kicked: the peer is told, and its mail is back', async () => {
  await using asked = await startAsked();
  const { broker, ask } = asked;
  const alice = await broker.peer('alice');
  const bob = await ProgramPeer.hello(broker, { name: 'bob' });
  alice.send('bob: hello\nbob: again\n');
  await bob.got('message', 2);
  const { body } = await ask('/v1/connections?sort=waiting&order=desc');
  expect(body.total).toBe(2);
  expect(body.connections).toMatchObject([
    { name: 'bob', speaks: 'acknowledging', standing: 'receiving', waitingMessages: 2, unacknowledgedMessages: 2 },
    { name: 'alice', speaks: 'plain', standing: 'receiving', waitingMessages: 0, transport: 'tcp' },
  ]);
  const namesOf = async (query: string) =>
    (await ask(`/v1/connections?${query}`)).body.connections.map(({ name }: { name: string }) => name);
  expect(await namesOf('sort=name')).toEqual(['alice', 'bob']);
  expect(await namesOf('sort=since&order=desc&limit=1')).toEqual(['bob']);
  expect(await namesOf('sort=read&offset=1')).toHaveLength(1);
  expect(await namesOf('sort=written&name=al')).toEqual(['alice']);
  const [{ id }] = body.connections;
  expect(await ask(`/v1/connections/${id}/kick`, POST)).toEqual({ status: 202, body: { kicked: id } });
  expect((await bob.got('bye'))[0]).toMatchObject({ code: 'KICKED', message: 'an operator has ended your connection' });
  bob.peer.destroy();
  await until(() => broker.broker.view.sessions().length === 1, 'the connection to end');
  await broker.quiet();
  expect(await ask(`/v1/connections/${id}/kick`, POST)).toMatchObject({ status: 404, body: { code: 'NO_CONNECTION' } });
  expect((await ask('/v1/names/bob/mail')).body.messages).toHaveLength(2);
  const again = await ProgramPeer.hello(broker, { name: 'bob' });
  expect((await again.got('message', 2)).map(({ redelivered }) => redelivered)).toEqual([true, true]);
  const plain = (await ask('/v1/connections?name=alice')).body.connections[0];
  await ask(`/v1/connections/${plain.id}/kick`, POST);
  await alice.got('* an operator has ended your connection\n');
  await until(() => alice.sawEnd, 'the end of alice');
  alice.destroy();
});

it('names are found by their beginning, their state and their mail, over all shards and pages', async () => {
  await using asked = await startAsked({ SHARDS: 3 });
  const { broker, ask } = asked;
  const here = Array.from({ length: 30 }, (_, index) => `here-${index}`);
  const gone = Array.from({ length: 30 }, (_, index) => `gone-${index}`);
  for (const name of gone) (await broker.connect()).send(`${name}\n`);
  await broker.quiet();
  await broker.clear();
  for (const name of here) (await broker.connect()).send(`${name}\n`);
  const alice = await broker.peer('ällice 100%/x');
  alice.send('gone-7, gone-8: hi\n');
  await broker.quiet();
  const all = async (query: string) => {
    const found: string[] = [];
    for (let after = ''; ; ) {
      const { body } = await ask(`/v1/names?limit=7&${query}${after}`);
      found.push(...body.names.map(({ name }: { name: string }) => name));
      if (!body.more) return found.sort();
      after = `&after=${encodeURIComponent(body.next)}`;
    }
  };
  expect(await all('')).toEqual([...here, ...gone, 'ällice 100%/x'].sort());
  expect(await all('state=away')).toEqual([...gone].sort());
  expect(await all('state=here&prefix=here-1')).toEqual(here.filter((name) => name.startsWith('here-1')).sort());
  expect(await all('waiting=yes')).toEqual(['gone-7', 'gone-8']);
  const path = `/v1/names/${encodeURIComponent('ällice 100%/x')}/mail`;
  expect((await ask(path)).body.name).toBe('ällice 100%/x');
});

it('shards are shown with their last restart, and each second is kept and told', async () => {
  await using asked = await startAsked({ SHARDS: 1 });
  const { broker, ask } = asked;
  const { history } = broker.broker.view.admin;
  await broker.peer('alice');
  const shards = (await ask('/v1/shards')).body;
  expect(shards).toMatchObject([{ shard: 0, up: true, restarts: 0, lastRestartAt: null, names: 1 }]);
  // An empty heap of V8 has some MB.
  expect(shards[0].threadBytes).toBeGreaterThan(1_000_000);
  const live = await fetch(`${broker.broker.httpUrl}/v1/live`);
  expect(live.headers.get('content-type')).toContain('text/event-stream');
  const reader = live.body?.pipeThrough(new TextDecoderStream()).getReader();
  await history.tick();
  let told = '';
  while (!told.includes('}]}\n\n')) told += (await reader?.read())?.value ?? '';
  expect(told).toMatch(/^: samples\n\nevent: sample\ndata: \{"at":\d+/);
  await reader?.cancel();
  await broker.broker.control(0)?.throwAtNextBatch('shard');
  await broker.quiet();
  const [row] = (await ask('/v1/shards')).body;
  expect([row.restarts, row.lastRestartAt > Date.now() - 60_000]).toEqual([1, true]);
  for (let count = 0; count < HISTORY_SAMPLES + 5; count++) await history.tick();
  const { everySeconds, samples } = (await ask('/v1/history')).body;
  expect([everySeconds, samples.length]).toEqual([1, HISTORY_SAMPLES]);
  expect(samples.at(-1)).toMatchObject({ connections: 1, shards: [{ shard: 0, up: true }] });
});

it('no more listen than may', async () => {
  await using asked = await startAsked({ SHARDS: 1 });
  const { broker } = asked;
  const url = new URL(broker.broker.httpUrl ?? '');
  const sockets = Array.from({ length: MAX_LISTENERS + 1 }, () => connect(Number(url.port), url.hostname));
  const heads: string[] = sockets.map(() => '');
  for (const [index, socket] of sockets.entries()) {
    socket.once('data', (data) => {
      heads[index] = `${data}`.slice(0, 12);
      socket.pause();
    });
    socket.on('error', () => undefined);
    socket.write(`GET /v1/live HTTP/1.1\r\nhost: ${url.host}\r\n\r\n`);
    await until(() => heads[index] !== '', 'an answer');
  }
  expect(heads.filter((head) => head === 'HTTP/1.1 200')).toHaveLength(MAX_LISTENERS);
  expect(heads.filter((head) => head === 'HTTP/1.1 503')).toHaveLength(1);
  for (const socket of sockets) socket.destroy();
});

describe('who may use it', () => {
  it('is who has the token, which no line of the log has', async () => {
    const lines: string[] = [];
    const log: Log = pino({ level: 'trace' }, { write: (line) => void lines.push(line) });
    await using asked = await startAsked({ ADMIN_TOKEN: TOKEN }, log);
    const { ask } = asked;
    const as = (authorization: string) => ask('/v1/info', { headers: { authorization } });
    expect(await ask('/v1/info')).toMatchObject({ status: 401, body: { code: 'TOKEN_NEEDED' } });
    expect((await as(TOKEN)).status).toBe(401);
    expect((await as(`Bearer ${TOKEN}x`)).status).toBe(401);
    expect((await as('Bearer ')).status).toBe(401);
    expect((await as(`Bearer ${TOKEN}`)).status).toBe(200);
    expect((await ask('/v1/drain', POST)).status).toBe(401);
    expect((await ask('/v1/names/x/mail', DELETE)).status).toBe(401);
    expect((await ask('/readyz')).status).toBe(200);
    expect(lines.join('')).not.toContain(TOKEN);
  });

  it('is no page of another origin', async () => {
    await using asked = await startAsked();
    const { ask } = asked;
    const from = (headers: Record<string, string>) => ask('/v1/drain', { ...POST, headers });
    expect((await from({ origin: 'http://evil.example' })).body.code).toBe('ORIGIN_REFUSED');
    expect((await from({ origin: 'null' })).body.code).toBe('ORIGIN_REFUSED');
  });
});

it('the level of the log is set, and a drain stops the broker in order', async () => {
  const lines: string[] = [];
  const log: Log = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
  await using asked = await startAsked({}, log);
  const { broker, ask } = asked;
  expect(await ask('/v1/log-level', level({ level: 'loud' }))).toMatchObject({ status: 400 });
  expect(await ask('/v1/log-level', level(undefined))).toMatchObject({ status: 400 });
  expect(await ask('/v1/log-level', level({ level: 'debug' }))).toEqual({ status: 200, body: { level: 'debug' } });
  const alice = await broker.peer('alice');
  expect(lines.some((line) => line.includes('"connected"'))).toBe(true);
  expect(await ask('/v1/drain', POST)).toEqual({ status: 202, body: { draining: true } });
  await until(() => alice.sawEnd, 'the end of alice');
  await broker.broker.view.admin.drainWished;
});

it('a path says what may be done there', async () => {
  await using asked = await startAsked({ SHARDS: 1 });
  const { ask } = asked;
  for (const path of ['info', 'connections', 'names', 'shards', 'history', 'live', 'names/x/mail']) {
    expect(await ask(`/v1/${path}`, POST)).toMatchObject({ status: 405, body: { code: 'NO_METHOD' } });
  }
  for (const path of ['drain', 'log-level', 'connections/1/kick', 'names/x/mail/1']) {
    expect(await ask(`/v1/${path}`)).toMatchObject({ status: 405, body: { code: 'NO_METHOD' } });
  }
});
