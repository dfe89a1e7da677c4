/** The routes. Every request passes the checks first, and every answer that is no success is a problem. */
import { Hono, type MiddlewareHandler } from 'hono';
import type { BrokerView } from '../broker/broker-view.ts';
import type { Authenticator } from '../session/auth/authenticator.ts';
import { told } from '../shared/codes/log-line.ts';
import type { Settings } from '../shared/common/config/settings.ts';
import type { RateLimitedWarnings } from '../shared/common/log/log.ts';
import type { Refusal } from '../transport/listener.ts';
import type { Proxies } from '../transport/proxy/forwarded-for.ts';
import type { Transport } from '../transport/transport.ts';
import { ownersOf } from './admin/owner.ts';
import { addReload } from './admin/reload.ts';
import { adminRoutes } from './admin/routes.ts';
import { readToken } from './admin/token.ts';
import { readiness } from './health.ts';
import { HttpPrograms } from './messages/http-programs.ts';
import { acknowledge, mail } from './messages/mail.ts';
import { send } from './messages/send.ts';
import { Metrics } from './metrics/metrics.ts';
import { OPENAPI } from './openapi/document.ts';
import { PAGE_PATHS } from './page/files.ts';
import { servePage } from './page/page.ts';
import { Problem, problem } from './problems.ts';
import { currentHostCheck } from './requests/host-check.ts';
import { endsClearly } from './requests/open-answers.ts';
import { shown, shownHost } from './requests/shown.ts';

/** What the routes need of the broker. */
export interface AppHost {
  readonly settings: Pick<Settings, 'current'>;
  readonly view: BrokerView;
  readonly authenticator: Authenticator;
  /** Takes the other end of a connection, which becomes a session. @returns why it is refused, if it is */
  connect(transport: Transport): Refusal | undefined;
  /** The proxies that say whom they speak for. */
  readonly proxies: Proxies;
  readonly warnings: Pick<RateLimitedWarnings, 'warn'>;
}

/**
 * The routes of a broker.
 * @throws StartError if the token of the settings cannot be read
 */
export function httpApp(host: AppHost): Hono {
  const app = new Hono();
  const { MAX_LINE_BYTES } = host.settings.current;
  app.use(checked(host), headers, oneCoding, limited(MAX_LINE_BYTES));
  addReload(app, host);
  app.get('/livez', (context) => context.json({ status: 'alive' }));
  app.get('/readyz', async (context) => {
    const { reasons, checks } = await readiness(host.view);
    if (reasons.length > 0) return problem(context, 'NOT_READY', { reasons }, { checks });
    return context.json({ status: 'ready', checks });
  });
  app.use('/v1/*', notFromElsewhere);
  const programs = new HttpPrograms({ ...host, config: host.settings.current });
  app.post('/v1/send/:names', (context) => send(context, programs, MAX_LINE_BYTES));
  app.get('/v1/mail/:name', (context) => mail(context, programs));
  app.post('/v1/mail/:name/ack', (context) => acknowledge(context, programs, MAX_LINE_BYTES));
  app.get('/v1/openapi.json', (context) => context.json(OPENAPI));
  const metrics = new Metrics(host.view, () => programs.counts);
  app.get('/metrics', async (context) => {
    const text = await metrics.scrape();
    return context.body(text, 200, { 'content-type': metrics.contentType });
  });
  for (const path of ['/livez', '/readyz', '/metrics', '/v1/openapi.json']) allow(app, path, 'GET, HEAD');
  allow(app, '/v1/mail/:name', 'GET, HEAD');
  for (const path of ['/v1/send/:names', '/v1/mail/:name/ack']) allow(app, path, 'POST');
  servePage(app);
  for (const path of PAGE_PATHS) allow(app, path, 'GET, HEAD');
  app.route('/v1', adminRoutes(host.view.admin, readToken(host.settings.current), ownersOf(host)));
  app.notFound((context) => problem(context, 'NO_ROUTE', {}));
  app.onError((error, context) => {
    if (error instanceof Problem) return error.answer(context);
    host.warnings.warn(told('HTTP_FAILED', { path: shown(context.req.path), err: error }));
    return problem(context, 'HTTP_FAULT', {});
  });
  return app;
}

/** Answers the other methods of a path. @param methods those that it has, as in the header Allow */
function allow(app: Hono, path: string, methods: string): void {
  app.all(path, (context) => {
    context.header('allow', methods);
    return problem(context, 'NO_METHOD', { allowed: methods.replace(', ', ' and ') });
  });
}

function checked({ settings, warnings }: AppHost): MiddlewareHandler {
  const check = currentHostCheck(settings);
  return async (context, next) => {
    const host = context.req.header('host');
    const origin = context.req.header('origin');
    // A request that names a whole address is for the host of that, whatever its headers say.
    const refusal = check({ host, origin }) ?? check({ host: new URL(context.req.url).host, origin: undefined });
    if (refusal === undefined) return next();
    warnings.warn(told('HTTP_REFUSED', { reason: refusal, host: shownHost(host), origin: shownHost(origin) }));
    return problem(context, refusal, {});
  };
}

/**
 * A page can have an image of any address, and asks for it without an Origin. It cannot read the answer, but reading
 * mail takes a name. Browsers say that such a request comes from elsewhere.
 */
const notFromElsewhere: MiddlewareHandler = async (context, next) => {
  const isForeign = context.req.header('origin') === undefined && context.req.header('sec-fetch-site') === 'cross-site';
  return isForeign ? problem(context, 'ORIGIN_REFUSED', {}) : next();
};

/** What is answered is as it is now, and no browser takes it for something else. */
const headers: MiddlewareHandler = async (context, next) => {
  context.header('cache-control', 'no-store');
  context.header('x-content-type-options', 'nosniff');
  await next();
};

/** Refuses a body whose end cannot be told. */
const oneCoding: MiddlewareHandler = async (context, next) => {
  const coding = context.req.header('transfer-encoding');
  if (endsClearly({ headers: { 'transfer-encoding': coding } })) return next();
  return problem(context, 'REQUEST_REFUSED', { problem: 'the only transfer coding is chunked' });
};

/** Refuses a body that says that it is too long. One that does not say is bounded where it is read. */
function limited(maxBytes: number): MiddlewareHandler {
  return async (context, next) => {
    if (Number(context.req.header('content-length') ?? 0) > maxBytes) {
      return problem(context, 'BODY_TOO_LARGE', { maxBytes });
    }
    return next();
  };
}
