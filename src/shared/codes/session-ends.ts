/** Why a session ends: each code with the text for the peer, and the level of its line in the log. */
import type { LogLevel } from './log-line.ts';
import { type FieldsOf, filled, type Template } from './template.ts';

interface SessionEnd {
  /** `silent` is not logged. */
  readonly level: LogLevel | 'silent';
  readonly text: Template;
}

/** The level and the text of each code. */
export const SESSION_ENDS = {
  LINE_TOO_LONG: {
    level: 'warn',
    text: ({ maxBytes }: { readonly maxBytes: number }) => `line longer than ${maxBytes} bytes`,
  },
  NAME_TOO_LONG: {
    level: 'warn',
    text: ({ maxBytes }: { readonly maxBytes: number }) => `name longer than ${maxBytes} bytes`,
  },
  NOT_UTF8: { level: 'warn', text: () => 'line is not UTF-8' },
  NAME_TIMEOUT: {
    level: 'warn',
    text: ({ seconds }: { readonly seconds: number }) =>
      `no name within ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
  },
  NAME_CROWDED: { level: 'warn', text: () => 'your name is taken, and too many wait for it already' },
  TAKEN_OVER: { level: 'info', text: () => 'taken over: somebody has proved that this name is theirs' },
  NAME_REFUSED: {
    level: 'warn',
    text: ({ problem }: { readonly problem: string }) => `name refused: ${problem}`,
  },
  HELLO_REFUSED: {
    level: 'warn',
    text: ({ problem }: { readonly problem: string }) => `hello refused: ${problem}`,
  },
  AUTH_REQUIRED: { level: 'warn', text: () => 'your name needs a proof: a password or a token' },
  /** One text for every reason, so that nobody learns which names have accounts. */
  AUTH_FAILED: { level: 'warn', text: () => 'wrong name, password or token' },
  AUTH_LIMITED: {
    level: 'warn',
    text: ({ seconds }: { readonly seconds: number }) =>
      `too many logins have failed: try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
  },
  AUTH_BUSY: { level: 'warn', text: () => 'your proof cannot be checked now: try again soon' },
  AUTH_WITHDRAWN: { level: 'warn', text: () => 'what you have proved is not valid any more' },
  RECEIPTS_UNREAD: { level: 'warn', text: () => 'you do not read your receipts' },
  PROGRAM_SILENT: {
    level: 'warn',
    text: ({ seconds }: { readonly seconds: number }) => `nothing came from you for ${seconds} seconds`,
  },
  OTHER_PROTOCOL: {
    level: 'warn',
    text: ({ protocol }: { readonly protocol: string }) =>
      'this port speaks lines of text, and the first line ' +
      (protocol === 'binary' ? 'is none' : `looks like ${protocol}`),
  },
  KICKED: { level: 'warn', text: () => 'an operator has ended your connection' },
  NOT_TLS: {
    level: 'warn',
    text: () => 'this port speaks TLS, and what came first is none: connect with TLS, or to the port without it',
  },
  /** The peer asked to leave. This is no failure, but it ends the session in the same way. */
  QUIT: { level: 'silent', text: () => 'goodbye' },
  TOO_MANY_CONNECTIONS: {
    level: 'warn',
    text: ({ max }: { readonly max: number }) => `more than ${max} connections`,
  },
  ADDRESS_CROWDED: {
    level: 'warn',
    text: ({ max }: { readonly max: number }) => `more than ${max} connections from your address`,
  },
  ACCOUNT_CROWDED: {
    level: 'warn',
    text: ({ max }: { readonly max: number }) => `more than ${max} connections under your name`,
  },
  TOO_OFTEN: {
    level: 'warn',
    text: ({ seconds }: { readonly seconds: number }) =>
      `too many new connections: try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
  },
  SENT_TOO_MUCH: {
    level: 'warn',
    text: ({ seconds }: { readonly seconds: number }) =>
      `more was sent than may be: try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`,
  },
  STILL_TOO_MUCH: {
    level: 'warn',
    text: ({ seconds }: { readonly seconds: number }) =>
      `you have sent more than you may for ${seconds} ${seconds === 1 ? 'second' : 'seconds'}: ` +
      'what is not read yet is lost',
  },
  PROXY_REFUSED: {
    level: 'warn',
    text: ({ problem }: { readonly problem: string }) => `your proxy has not said whom it speaks for: ${problem}`,
  },
  /** The socket failed, so the peer cannot be told. The text is for the log. */
  SOCKET: { level: 'debug', text: ({ failure }: { readonly failure: string }) => failure },
} as const satisfies Readonly<Record<string, SessionEnd>>;

export type SessionEndCode = keyof typeof SESSION_ENDS;
export type SessionEndFields<C extends SessionEndCode> = FieldsOf<(typeof SESSION_ENDS)[C]['text']>;

/**
 * @returns the text for the peer
 * @param fields what the text needs
 */
export function sessionEndText<C extends SessionEndCode>(code: C, fields: SessionEndFields<C>): string {
  return filled(SESSION_ENDS[code].text, fields);
}
