/** The routes. Every request passes the checks first, and every answer that is no success is a problem. */
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { BrokerView } from '../broker/broker-view.ts';
import { told } from '../shared/codes/log-line.ts';
import type { Settings } from '../shared/common/config/settings.ts';
import type { RateLimitedWarnings } from '../shared/common/log/log.ts';
import { addReload } from './admin/reload.ts';
import { readiness } from './health.ts';
import { currentHostCheck } from './host-check.ts';
import { Metrics } from './metrics/metrics.ts';
import { problem } from './problems.ts';
import { shown } from './shown.ts';

/** What the routes need of the broker. */
export interface AppHost {
  readonly settings: Pick<Settings, 'current'>;
  readonly view: BrokerView;
  readonly warnings: Pick<RateLimitedWarnings, 'warn'>;
}

/** The routes of a broker. */
export function httpApp(host: AppHost): Hono {
  const app = new Hono();
  app.use(checked(host), headers);
  // It reads no body, and need not have one.
  addReload(app, host);
  app.use(limited(host.settings.current.MAX_LINE_BYTES));
  app.get('/livez', (context) => context.json({ status: 'alive' }));
  app.get('/readyz', async (context) => {
    const { reasons, checks } = await readiness(host.view);
    if (reasons.length > 0) return problem(context, 'NOT_READY', { reasons }, { checks });
    return context.json({ status: 'ready', checks });
  });
  const metrics = new Metrics(host.view);
  app.get('/metrics', async (context) => {
    const text = await metrics.scrape();
    return context.body(text, 200, { 'content-type': metrics.contentType });
  });
  for (const path of ['/livez', '/readyz', '/metrics']) {
    app.all(path, (context) => {
      context.header('allow', 'GET, HEAD');
      return problem(context, 'NO_METHOD', { allowed: 'GET and HEAD' });
    });
  }
  app.notFound((context) => problem(context, 'NO_ROUTE', {}));
  app.onError((error, context) => {
    host.warnings.warn(told('HTTP_FAILED', { path: shown(context.req.path), err: error }));
    return problem(context, 'HTTP_FAULT', {});
  });
  return app;
}

function checked({ settings, warnings }: AppHost): MiddlewareHandler {
  const check = currentHostCheck(settings);
  return async (context, next) => {
    const host = context.req.header('host');
    const origin = context.req.header('origin');
    // A request that names a whole address is for the host of that, whatever its headers say.
    const refusal = check({ host, origin }) ?? check({ host: new URL(context.req.url).host, origin: undefined });
    if (refusal === undefined) return next();
    warnings.warn(told('HTTP_REFUSED', { reason: refusal, host: shown(host), origin: shown(origin) }));
    return problem(context, refusal, {});
  };
}

/** What is answered is as it is now, and no browser takes it for something else. */
const headers: MiddlewareHandler = async (context, next) => {
  context.header('cache-control', 'no-store');
  context.header('x-content-type-options', 'nosniff');
  await next();
};

function limited(maxBytes: number): MiddlewareHandler {
  return bodyLimit({ maxSize: maxBytes, onError: (context) => problem(context, 'BODY_TOO_LARGE', { maxBytes }) });
}
