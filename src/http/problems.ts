/** Answers that say why something was not done, as problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import {
  HTTP_PROBLEMS,
  type HttpProblemCode,
  type HttpProblemFields,
  httpProblemText,
} from '../shared/codes/http-problems.ts';

const UNAUTHORIZED = 401;

/** Further members of an answer, for programs. `retry`, in seconds, is the header Retry-After too. */
interface More {
  readonly retry?: number;
  readonly [member: string]: unknown;
}

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
  const { status } = HTTP_PROBLEMS[code];
  const detail = httpProblemText(code, fields);
  const body = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail, ...more };
  if (status === UNAUTHORIZED) context.header('www-authenticate', 'Bearer realm="restante"');
  if (more.retry !== undefined) context.header('retry-after', String(more.retry));
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
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
