/** What a proxy says of requests that it has passed on. */
import type { Context } from 'hono';

/** Headers of a request that a proxy has passed on. Who has sent it to the proxy may be anywhere. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'via'];

/** Whether a proxy says that it has passed the request on. */
export function isPassedOn({ req }: Pick<Context, 'req'>): boolean {
  return PROXY_HEADERS.some((name) => req.header(name) !== undefined);
}
