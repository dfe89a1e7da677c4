/** `POST /v1/reload`: the broker takes its settings as they are written now. */
import type { HttpBindings } from '@hono/node-server';
import type { Context, Hono } from 'hono';
import type { BrokerView, ReloadOutcome } from '../../broker/broker-view.ts';
import { problemText } from '../../shared/common/config/problems.ts';
import { isLoopback } from '../../shared/visitors/loopback.ts';
import { problem } from '../problems.ts';
import { isPassedOn } from '../requests/passed-on.ts';

const PATH = '/v1/reload';
/** Headers of a request that a page has sent. */
const PAGE_HEADERS = ['origin', 'sec-fetch-site'];

/** Adds the route. */
export function addReload(app: Hono, { view }: { readonly view: Pick<BrokerView, 'reload'> }): void {
  app.post(PATH, async (context) => {
    if (!isLocal(context)) return problem(context, 'NOT_LOCAL', {});
    return answered(context, await view.reload());
  });
  app.all(PATH, (context) => {
    context.header('allow', 'POST');
    return problem(context, 'NO_METHOD', { allowed: 'POST' });
  });
}

function answered(context: Context, outcome: ReloadOutcome): Response {
  switch (outcome.kind) {
    case 'taken':
      return context.json({ changed: outcome.changed, needsRestart: outcome.needsRestart });
    case 'wrong':
      return problem(
        context,
        'CONFIG_WRONG',
        { problems: outcome.problems.map(problemText) },
        { problems: outcome.problems },
      );
    case 'stopping':
      return problem(context, 'BROKER_STOPPING', {});
    default:
      return outcome satisfies never;
  }
}

/** Whether a program on this machine has sent the request. */
function isLocal(context: Context): boolean {
  const { incoming } = context.env as Partial<HttpBindings>;
  const { remoteAddress = '', localAddress } = incoming?.socket ?? {};
  const isOfPage = PAGE_HEADERS.some((name) => context.req.header(name) !== undefined);
  return !isOfPage && !isPassedOn(context) && (remoteAddress === localAddress || isLoopback(remoteAddress));
}
