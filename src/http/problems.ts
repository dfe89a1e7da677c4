/** Answers that say why something was not done, as problem details (RFC 9457). */
import { STATUS_CODES } from 'node:http';
import type { Context } from 'hono';
import {
  HTTP_PROBLEMS,
  type HttpProblemCode,
  type HttpProblemFields,
  httpProblemText,
} from '../shared/codes/http-problems.ts';

/**
 * The answer for a problem.
 * @param fields what the text of the code needs
 * @param more further members of the answer, for programs
 */
export function problem<C extends HttpProblemCode>(
  context: Context,
  code: C,
  fields: HttpProblemFields<C>,
  more: object = {},
): Response {
  const { status } = HTTP_PROBLEMS[code];
  const detail = httpProblemText(code, fields);
  const body = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail, ...more };
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}
