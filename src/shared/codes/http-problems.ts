/** What HTTP answers where it does not do what was asked: each code with its status and its text (RFC 9457). */
import { type FieldsOf, filled, type Template } from './template.ts';

interface Problem {
  readonly status: 400 | 403 | 404 | 405 | 409 | 413 | 422 | 500 | 503;
  readonly text: Template;
}

/** The status and the text of each code. docs/OPERATIONS.md has them too. */
export const HTTP_PROBLEMS = {
  HOST_REFUSED: {
    status: 403,
    text: () => 'the host name of the request is not this machine’s, nor one of HTTP_ORIGINS',
  },
  ORIGIN_REFUSED: { status: 403, text: () => 'pages of this origin may not use this broker: see HTTP_ORIGINS' },
  NOT_LOCAL: {
    status: 403,
    text: () => 'this is answered on the machine of the broker alone, and to no page or proxy',
  },
  NO_ROUTE: { status: 404, text: () => 'there is nothing here' },
  NO_METHOD: {
    status: 405,
    text: ({ allowed }: { readonly allowed: string }) => `this is only answered to ${allowed}`,
  },
  BROKER_STOPPING: { status: 409, text: () => 'the broker is stopping' },
  BODY_TOO_LARGE: {
    status: 413,
    text: ({ maxBytes }: { readonly maxBytes: number }) => `the body is longer than ${maxBytes} bytes`,
  },
  CONFIG_WRONG: {
    status: 422,
    text: ({ problems }: { readonly problems: readonly string[] }) =>
      `the settings stay as they are: ${problems.join('; ')}`,
  },
  HTTP_FAULT: { status: 500, text: () => 'the broker could not answer: its log says why' },
  NOT_READY: {
    status: 503,
    text: ({ reasons }: { readonly reasons: readonly string[] }) => `not ready: ${reasons.join('; ')}`,
  },
} as const satisfies Readonly<Record<string, Problem>>;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;
export type HttpProblemFields<C extends HttpProblemCode> = FieldsOf<(typeof HTTP_PROBLEMS)[C]['text']>;

/** The text of a problem. @param fields what the text needs */
export function httpProblemText<C extends HttpProblemCode>(code: C, fields: HttpProblemFields<C>): string {
  return filled(HTTP_PROBLEMS[code].text, fields);
}
