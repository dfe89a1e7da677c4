/** Each route on a broker on paper, without a socket. */
import { describe, expect, it } from 'vitest';
import type { Health } from '../../../../src/broker/broker-view.ts';
import { readiness } from '../../../../src/http/health.ts';
import { paperApp, WELL } from './paper.ts';

describe('/livez', () => {
  it('says that the process lives, whatever it is busy with', async () => {
    const { app } = paperApp({ draining: true, listens: false, shardsUp: [false] });
    const answer = await app.request('http://localhost/livez');
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'alive' }]);
    expect(answer.headers.get('cache-control')).toBe('no-store');
  });
});

describe('/readyz', () => {
  it('says what was looked at', async () => {
    const answer = await paperApp().app.request('http://localhost/readyz');
    const checks = { listener: 'ok', connections: 'ok', store: 'ok', shards: 'ok' };
    expect([answer.status, await answer.json()]).toEqual([200, { status: 'ready', checks }]);
  });

  const unready: [Partial<Health>, string][] = [
    [{ draining: true, listens: false }, 'listener: the broker is stopping'],
    [{ listens: false }, 'listener: no connection is accepted now'],
    [{ hasRoom: false }, 'connections: as many as there may be: more are refused'],
    [{ store: 'closed' }, 'store: it cannot be opened now'],
    [{ shardsUp: [true, false, false] }, 'shards: down: 1, 2'],
  ];
  it.each(unready)('says why not: %j', async (health, reason) => {
    const answer = await paperApp(health).app.request('http://localhost/readyz');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([503, 'application/problem+json']);
    const title = 'Service Unavailable';
    const told = { type: 'about:blank', title, status: 503, code: 'NOT_READY', detail: `not ready: ${reason}` };
    expect(await answer.json()).toMatchObject(told);
  });

  it.each(['none', 'open', 'unwritable'] as const)('is ready while the store is %s', async (store) => {
    const answer = await paperApp({ store }).app.request('http://localhost/readyz');
    expect(answer.status).toBe(200);
    const { checks } = (await answer.json()) as { checks: { store: string } };
    expect(checks.store).toMatch(store === 'unwritable' ? /cannot be written/ : /^ok$/);
  });

  it('does not wait for ever for a shard that hangs', async () => {
    const silent = { health: () => WELL, stats: () => new Promise<never>(() => undefined) };
    expect((await readiness(silent, 1)).reasons).toEqual(['shards: not all of them answer']);
  });
});

describe('a request that cannot be served', () => {
  it.each([
    ['/nothing', { method: 'GET' }, 404, 'NO_ROUTE'],
    ['/%2e%2e/etc/passwd', { method: 'GET' }, 404, 'NO_ROUTE'],
    ['/livez', { method: 'POST' }, 405, 'NO_METHOD'],
    ['/livez', { method: 'GET', headers: { host: 'evil.example' } }, 403, 'HOST_REFUSED'],
    ['/livez', { method: 'GET', headers: { origin: 'http://evil.example' } }, 403, 'ORIGIN_REFUSED'],
    ['/nothing', { method: 'POST', headers: { 'content-length': '65537' } }, 413, 'BODY_TOO_LARGE'],
    ['/livez', { method: 'DELETE' }, 405, 'NO_METHOD'],
  ])('%s %j is a problem', async (path, request, status, code) => {
    const { app } = paperApp();
    const headers = { host: 'localhost', ...('headers' in request ? request.headers : {}) };
    const answer = await app.request(`http://localhost${path}`, { ...request, headers });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
    expect(await answer.json()).toMatchObject({ type: 'about:blank', status, code });
    if (status === 405) expect(answer.headers.get('allow')).toBe('GET, HEAD');
  });

  it('because the broker fails says so, and the log has the reason', async () => {
    const { app, warned } = paperApp({}, () => Promise.reject(new Error('no figures')));
    const answer = await app.request('http://localhost/readyz');
    expect([answer.status, await answer.json()]).toMatchObject([500, { code: 'HTTP_FAULT' }]);
    expect(warned).toMatchObject([{ code: 'HTTP_FAILED', fields: { path: '/readyz' } }]);
  });

  it('because of its host is in the log, in a form that is harmless', async () => {
    const { app, warned } = paperApp();
    await app.request('http://localhost/livez', {
      headers: { host: 'evil.example', origin: `http://\u00adx${'y'.repeat(99)}` },
    });
    expect(warned).toMatchObject([{ code: 'HTTP_REFUSED', fields: { reason: 'HOST_REFUSED', host: 'evil.example' } }]);
    expect(JSON.stringify(warned).length).toBeLessThan(300);
  });

  it('because of its host or its origin is in the log without the user and the password of it', async () => {
    const { app, warned } = paperApp();
    await app.request('http://localhost/livez', { headers: { host: 'bob:hush@localhost:1' } });
    await app.request('http://localhost/livez', { headers: { host: 'localhost', origin: 'http://bob:hush@evil' } });
    expect(warned).toMatchObject([
      { fields: { reason: 'HOST_REFUSED', host: '…@localhost:1' } },
      { fields: { reason: 'ORIGIN_REFUSED', origin: 'http://…@evil' } },
    ]);
  });
});
