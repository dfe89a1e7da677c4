/** The routes of the admin API, all below `/v1`. */
import { Hono } from 'hono';
import type { AdminView } from '../../broker/admin/admin-view.ts';
import { SAMPLE_SECONDS } from '../../broker/admin/history.ts';
import { problem } from '../problems.ts';
import { bodyObject } from '../requests/parts.ts';
import { addBackup } from './backup.ts';
import { type AdminEnv, guard, type Lets } from './guard.ts';
import { Live } from './live.ts';
import { addMail } from './mail.ts';
import { asked, CONNECTIONS_QUERY, ID_PATH, LEVEL_BODY } from './questions.ts';
import type { Token } from './token.ts';

/** A body that says a log level has some 20 bytes. */
const MAX_LEVEL_BODY_BYTES = 1_024;

/** The paths, each with what may be done there. */
const METHODS: Readonly<Record<string, string>> = {
  '/info': 'GET, HEAD',
  '/connections': 'GET, HEAD',
  '/connections/:id/kick': 'POST',
  '/names': 'GET, HEAD',
  '/names/:name/mail': 'GET, HEAD, DELETE',
  '/names/:name/mail/:seq': 'DELETE',
  '/shards': 'GET, HEAD',
  '/history': 'GET, HEAD',
  '/live': 'GET, HEAD',
  '/backup': 'POST',
  '/drain': 'POST',
  '/log-level': 'PUT',
};

/** The routes of the mailbox of a name, which its owner may use, too. */
const OF_OWNER = '/names/:name/';

/** The routes. @param token undefined if none is set @param owners who may use those of a mailbox beside operators */
export function adminRoutes(view: AdminView, token: Token | undefined, owners?: Lets): Hono<AdminEnv> {
  const app = new Hono<AdminEnv>();
  for (const path of Object.keys(METHODS)) {
    app.use(path, path.startsWith(OF_OWNER) ? guard(token, owners) : guard(token));
  }
  app.get('/info', async (context) => context.json(await view.info()));
  app.get('/shards', async (context) => context.json(await view.shards()));
  app.get('/history', (context) => context.json({ everySeconds: SAMPLE_SECONDS, samples: view.history.samples }));
  const live = new Live(view.history);
  app.get('/live', (context) => live.answer(context));
  addConnections(app, view);
  addMail(app, view);
  addBackup(app, view, token !== undefined);
  app.post('/drain', (context) => {
    view.drain();
    return context.json({ draining: true }, 202);
  });
  app.put('/log-level', async (context) => {
    const body = asked(LEVEL_BODY, await bodyObject(context, MAX_LEVEL_BODY_BYTES));
    if ('wrong' in body) return problem(context, 'REQUEST_REFUSED', { problem: body.wrong });
    view.setLogLevel(body.question.level);
    return context.json(body.question);
  });
  for (const [path, methods] of Object.entries(METHODS)) {
    app.all(path, (context) => {
      context.header('allow', methods);
      return problem(context, 'NO_METHOD', { allowed: methods });
    });
  }
  return app;
}

function addConnections(app: Hono<AdminEnv>, view: AdminView): void {
  app.get('/connections', (context) => {
    const query = asked(CONNECTIONS_QUERY, context.req.query());
    if ('wrong' in query) return problem(context, 'REQUEST_REFUSED', { problem: query.wrong });
    return context.json(view.connections(query.question));
  });
  app.post('/connections/:id/kick', (context) => {
    const path = asked(ID_PATH, context.req.param());
    if ('wrong' in path) return problem(context, 'REQUEST_REFUSED', { problem: path.wrong });
    if (!view.kick(path.question.id)) return problem(context, 'NO_CONNECTION', {});
    return context.json({ kicked: path.question.id }, 202);
  });
}
