/** The routes on a broker on paper. */
import type { Hono } from 'hono';
import type { AdminView } from '../../../../src/broker/admin/admin-view.ts';
import { History } from '../../../../src/broker/admin/history.ts';
import type { BrokerView, Health } from '../../../../src/broker/broker-view.ts';
import { httpApp } from '../../../../src/http/app.ts';
import { EVERYBODY } from '../../../../src/session/auth/authenticator.ts';
import type { LogLine } from '../../../../src/shared/codes/log-line.ts';
import { Settings } from '../../../../src/shared/common/config/settings.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { AddressList } from '../../../../src/shared/visitors/address-list.ts';

/** What a broker says where all is well. */
export const WELL: Health = { draining: false, listens: true, hasRoom: true, store: 'open', shardsUp: [true, true] };

/** A broker on paper, as its operator sees it. It does nothing but what a test gives it. */
export function paperAdmin(does: Partial<AdminView> = {}): AdminView {
  const history = new History(
    () => new Promise(() => undefined),
    () => undefined,
  );
  return { history, ...does } as AdminView;
}

/** A broker on paper, as HTTP sees it. */
export function paperHost(health: Partial<Health> = {}, stats: () => Promise<unknown> = async () => ({})) {
  const warned: LogLine[] = [];
  const view = { health: () => ({ ...WELL, ...health }), stats, admin: paperAdmin() } as unknown as BrokerView;
  return {
    settings: new Settings(readConfig({ HTTP_PORT: '0' })),
    view,
    authenticator: EVERYBODY,
    connect: () => ({ code: 'TOO_MANY_CONNECTIONS', message: '', answer: undefined }) as const,
    enter: () => ({ leave: () => undefined }),
    proxies: new AddressList([]),
    warned,
    warnings: { warn: (line: LogLine) => void warned.push(line) },
  };
}

/** Routes that take any request for `localhost`, also one without a Host, as tests send them. */
export function paperApp(
  health: Partial<Health> = {},
  stats: () => Promise<unknown> = async () => ({}),
): { readonly app: Pick<Hono, 'request'>; readonly warned: LogLine[] } {
  const host = paperHost(health, stats);
  const app = httpApp(host);
  const request: Hono['request'] = (path, init) => {
    const headers = new Headers(init?.headers);
    if (!headers.has('host')) headers.set('host', 'localhost');
    return app.request(path, { ...init, headers });
  };
  return { app: { request }, warned: host.warned };
}
