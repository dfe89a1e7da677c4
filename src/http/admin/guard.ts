/**
 * Who may use the admin API: whoever has the token, or, if none is set, a connection from this machine. The address is
 * that of the socket. What a request says can only take that away: a proxy says that it has passed it on. A route can
 * let others in, too.
 *
 * A browser adds no token by itself. Without a token it could be used by pages: so what changes something must come
 * from a page of the broker's own origin or one of HTTP_ORIGINS, or from no page. `host-check.ts` sees to that for
 * every request with an Origin; here those are refused that a browser has sent for another page without one.
 */
import type { HttpBindings } from '@hono/node-server';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback } from '../../shared/visitors/loopback.ts';
import { problem } from '../problems.ts';
import { isPassedOn } from '../requests/passed-on.ts';
import type { Token } from './token.ts';

/** What changes nothing. */
const READS: readonly string[] = ['GET', 'HEAD'];
/** What a browser says of a request by a page of the same origin, or by its user. */
const OWN_SITES: readonly string[] = ['same-origin', 'none'];

/** What the routes get of the server of Node. A test gives less. */
export interface AdminEnv {
  readonly Bindings: Partial<HttpBindings>;
}

/**
 * Whether a route lets a request in that is no operator's. May throw a Problem.
 * @returns its place, which is disposed of when it is answered; undefined if it may not come in
 */
export type Lets = (context: Context<AdminEnv>) => Promise<Disposable | undefined>;

const NOBODY: Lets = () => Promise.resolve(undefined);

/** Refuses who may not. @param token undefined if none is set @param lets whom this route lets in beside operators */
export function guard(token: Token | undefined, lets: Lets = NOBODY): MiddlewareHandler<AdminEnv> {
  return async (context, next) => {
    const { req } = context;
    const isFromHere = isLoopback(context.env?.incoming?.socket?.remoteAddress) && !isPassedOn(context);
    const isOperator = token === undefined ? isFromHere : token.isIn(req.header('authorization'));
    using place = isOperator ? undefined : await lets(context);
    if (!isOperator && place === undefined) {
      return problem(context, token === undefined ? 'NOT_LOOPBACK' : 'TOKEN_NEEDED', {});
    }
    const site = req.header('sec-fetch-site');
    const isOfOthers = site !== undefined && !OWN_SITES.includes(site) && req.header('origin') === undefined;
    if (!READS.includes(req.method) && isOfOthers) return problem(context, 'ORIGIN_REFUSED', {});
    return await next();
  };
}
