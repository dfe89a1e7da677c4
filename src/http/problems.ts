/** Answers that say why something was not done, as problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import { RequestError } from '@hono/node-server';
import type { Context } from 'hono';
import {
  HTTP_PROBLEMS,
  type HttpProblemCode,
  type HttpProblemFields,
  httpProblemText,
} from '../shared/codes/http-problems.ts';
import { told } from '../shared/codes/log-line.ts';
import type { RateLimitedWarnings } from '../shared/common/log/log.ts';

const UNAUTHORIZED = 401;

/** Further members of an answer, for programs. `retry`, in seconds, is the header Retry-After too. */
interface More {
  readonly retry?: number;
  readonly [member: string]: unknown;
}

const AS_PROBLEM = { 'content-type': 'application/problem+json' };

/**
 * The answer for a problem.
 * @param fields what the text of the code needs
 */
export function problem<C extends HttpProblemCode>(
  context: Context,
  code: C,
  fields: HttpProblemFields<C>,
  more: More = {},
): Response {
  if (HTTP_PROBLEMS[code].status === UNAUTHORIZED) context.header('www-authenticate', 'Bearer realm="restante"');
  if (more.retry !== undefined) context.header('retry-after', String(more.retry));
  return context.body(details(code, fields, more), HTTP_PROBLEMS[code].status, AS_PROBLEM);
}

function details<C extends HttpProblemCode>(code: C, fields: HttpProblemFields<C>, more: More): string {
  const { status } = HTTP_PROBLEMS[code];
  const detail = httpProblemText(code, fields);
  return JSON.stringify({ type: 'about:blank', title: STATUS_CODES[status], status, code, detail, ...more });
}

/** The answer for a connection that is not served, as it goes over the wire. The parameters are those of `problem`. */
export function wholeAnswer<C extends HttpProblemCode>(code: C, fields: HttpProblemFields<C>, more: More): string {
  const { status } = HTTP_PROBLEMS[code];
  const body = details(code, fields, more);
  const retry = more.retry === undefined ? [] : [`Retry-After: ${more.retry}`];
  const head = [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, 'Connection: close', ...retry];
  const about = [`Content-Type: ${AS_PROBLEM['content-type']}`, `Content-Length: ${Buffer.byteLength(body)}`];
  return `${[...head, ...about].join('\r\n')}\r\n\r\n${body}`;
}

/** The answer for a request that reaches no route: its host and target are no address, or the package has failed. */
export function listenerProblem(error: unknown, warnings: Pick<RateLimitedWarnings, 'warn'>): Response {
  if (error instanceof RequestError) {
    const body = details('REQUEST_REFUSED', { problem: 'its host and its target are no address' }, {});
    return new Response(body, { status: HTTP_PROBLEMS.REQUEST_REFUSED.status, headers: AS_PROBLEM });
  }
  warnings.warn(told('HTTP_FAILED', { path: undefined, err: error }));
  return new Response(details('HTTP_FAULT', {}, {}), { status: HTTP_PROBLEMS.HTTP_FAULT.status, headers: AS_PROBLEM });
}

/** A problem that ends the work on a request, wherever that is. */
export class Problem extends Error {
  readonly answer: (context: Context) => Response;

  constructor(code: HttpProblemCode, answer: (context: Context) => Response) {
    super(code);
    this.name = 'Problem';
    this.answer = answer;
  }
}

/** A problem to be thrown. The parameters are those of `problem`. */
export function problemOf<C extends HttpProblemCode>(code: C, fields: HttpProblemFields<C>, more: More = {}): Problem {
  return new Problem(code, (context) => problem(context, code, fields, more));
}
