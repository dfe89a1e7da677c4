/** What HTTP answers where it does not do what was asked: each code with its status and its text (RFC 9457). */
import { type FieldsOf, filled, type Template } from './template.ts';

interface Problem {
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 413 | 422 | 429 | 500 | 503 | 507;
  readonly text: Template;
}

/** The status and the text of each code. docs/HTTP.md has them too. */
export const HTTP_PROBLEMS = {
  REQUEST_REFUSED: { status: 400, text: ({ problem }: { readonly problem: string }) => `not understood: ${problem}` },
  HOST_REFUSED: {
    status: 403,
    text: () => 'the host name of the request is not this machine’s, nor one of HTTP_ORIGINS',
  },
  ORIGIN_REFUSED: { status: 403, text: () => 'pages of this origin may not use this broker: see HTTP_ORIGINS' },
  TOKEN_NEEDED: { status: 401, text: () => 'this needs the token of ADMIN_TOKEN: "authorization: Bearer TOKEN"' },
  PROOF_NEEDED: {
    status: 401,
    text: () => 'this name needs a proof: "authorization: Bearer TOKEN", or Basic with a password',
  },
  PROOF_WRONG: { status: 401, text: () => 'the proof is wrong' },
  PROOFS_LIMITED: { status: 429, text: () => 'too many logins have failed' },
  PROOFS_BUSY: { status: 503, text: () => 'the proof cannot be checked now' },
  ALL_FORBIDDEN: { status: 403, text: () => 'you may not write to any of these names' },
  NOT_LOOPBACK: {
    status: 403,
    text: () => 'without ADMIN_TOKEN this is only for connections from the machine of the broker',
  },
  BACKUP_SECRET: {
    status: 403,
    text: () =>
      'a backup has what belongs to proved names, and without ADMIN_TOKEN every user of this machine could have it',
  },
  NAME_NOT_KNOWN: { status: 404, text: () => 'no such name is known' },
  NO_MESSAGE: { status: 404, text: () => 'no such message waits for the name' },
  NO_CONNECTION: { status: 404, text: () => 'there is no such connection' },
  NOT_LOCAL: {
    status: 403,
    text: () => 'this is answered on the machine of the broker alone, and to no page or proxy',
  },
  NO_ROUTE: { status: 404, text: () => 'there is nothing here' },
  NO_RECIPIENT: { status: 404, text: () => 'nobody of these names is remembered: the message is dropped' },
  NO_METHOD: {
    status: 405,
    text: ({ allowed }: { readonly allowed: string }) => `this is only answered to ${allowed}`,
  },
  NAME_TAKEN: { status: 409, text: () => 'a peer that is connected has this name' },
  MAIL_IN_USE: { status: 409, text: () => 'another request uses this name' },
  NO_READER: {
    status: 409,
    text: () => 'nobody reads this mail now: what was not acknowledged is back in the mailbox, so read it again',
  },
  SEQ_NOT_GIVEN: { status: 409, text: () => 'no message up to this number was given out to who reads this mail now' },
  BROKER_STOPPING: { status: 409, text: () => 'the broker is stopping' },
  NO_STORE: { status: 409, text: () => 'there is no store: HOLD_SECONDS is 0' },
  BACKUP_UNDER_WAY: { status: 409, text: () => 'another backup is under way' },
  BODY_TOO_LARGE: {
    status: 413,
    text: ({ maxBytes }: { readonly maxBytes: number }) => `the body is longer than ${maxBytes} bytes`,
  },
  MESSAGE_TOO_LARGE: {
    status: 413,
    text: ({ maxBytes }: { readonly maxBytes: number }) => `the message takes more than ${maxBytes} bytes as JSON`,
  },
  TOO_MANY: { status: 429, text: ({ what }: { readonly what: string }) => `too many ${what}` },
  SEND_PAUSED: {
    status: 429,
    text: () => 'the broker takes no more at the moment: send it again, under the same id',
  },
  CONFIG_WRONG: {
    status: 422,
    text: ({ problems }: { readonly problems: readonly string[] }) =>
      `the settings stay as they are: ${problems.join('; ')}`,
  },
  HTTP_FAULT: { status: 500, text: () => 'the broker could not answer: its log says why' },
  SHARD_DOWN: { status: 503, text: () => 'the shard of the name does not answer now: try again' },
  SHARD_BUSY: { status: 503, text: () => 'the shard of the name is asked too much at a time: try again' },
  MAIL_UNREADABLE: { status: 503, text: () => 'the store cannot be read now: the log says why' },
  MAIL_UNWRITABLE: { status: 503, text: () => 'the store cannot be written now: the log says why' },
  BACKUP_UNREADABLE: {
    status: 503,
    text: ({ reason }: { readonly reason: string }) => `there is no backup now: ${reason}`,
  },
  LISTENERS_FULL: { status: 503, text: ({ max }: { readonly max: number }) => `${max} listen already` },
  NOT_READY: {
    status: 503,
    text: ({ reasons }: { readonly reasons: readonly string[] }) => `not ready: ${reasons.join('; ')}`,
  },
  OUTCOME_UNKNOWN: {
    status: 503,
    text: () => 'what became of the message is not known: send it again, under the same id',
  },
  NOT_SERVED: { status: 503, text: ({ reason }: { readonly reason: string }) => reason },
  ALL_FULL: { status: 507, text: () => 'a limit of held mail is reached: the message is refused' },
  NOT_STORED: { status: 507, text: () => 'the message cannot be stored: it is refused' },
} as const satisfies Readonly<Record<string, Problem>>;

export type HttpProblemCode = keyof typeof HTTP_PROBLEMS;
export type HttpProblemFields<C extends HttpProblemCode> = FieldsOf<(typeof HTTP_PROBLEMS)[C]['text']>;

/** The text of a problem. @param fields what the text needs */
export function httpProblemText<C extends HttpProblemCode>(code: C, fields: HttpProblemFields<C>): string {
  return filled(HTTP_PROBLEMS[code].text, fields);
}
