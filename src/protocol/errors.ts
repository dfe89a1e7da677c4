/** What can end a session, each with a stable code and what its peer is told. */
import { messageOf } from '../shared/common/errors.ts';
import { type ForeignProtocol, HTTP_ANSWER } from './strict/foreign.ts';

export type SessionErrorCode =
  | 'LINE_TOO_LONG'
  | 'NAME_TOO_LONG'
  | 'NOT_UTF8'
  | 'NAME_TIMEOUT'
  | 'NAME_CROWDED'
  | 'NAME_REFUSED'
  | 'OTHER_PROTOCOL'
  | 'QUIT'
  | 'TOO_MANY_CONNECTIONS'
  | 'SOCKET';

/** Ends one session. Its message is what the peer is told, where it still can be. */
export class SessionError extends Error {
  readonly code: SessionErrorCode;
  /** What the peer is told instead, where it does not read the broker's own lines. */
  readonly answer: Uint8Array | undefined;

  constructor(code: SessionErrorCode, message: string, options?: ErrorOptions & { answer?: Uint8Array }) {
    super(message, options);
    this.name = 'SessionError';
    this.code = code;
    this.answer = options?.answer;
  }
}

export const lineTooLong = (maxBytes: number) =>
  new SessionError('LINE_TOO_LONG', `line longer than ${maxBytes} bytes`);
export const nameTooLong = (maxBytes: number) =>
  new SessionError('NAME_TOO_LONG', `name longer than ${maxBytes} bytes`);
export const notUtf8 = () => new SessionError('NOT_UTF8', 'line is not UTF-8');
export const nameTimeout = (seconds: number) =>
  new SessionError('NAME_TIMEOUT', `no name within ${seconds} ${seconds === 1 ? 'second' : 'seconds'}`);
export const nameCrowded = () =>
  new SessionError('NAME_CROWDED', 'your name is taken, and too many wait for it already');
/** @param problem see strict-name.ts */
export const nameRefused = (problem: string) => new SessionError('NAME_REFUSED', `name refused: ${problem}`);
export function otherProtocol(protocol: ForeignProtocol): SessionError {
  const found = protocol === 'binary' ? 'is none' : `looks like ${protocol}`;
  const message = `this port speaks lines of text, and the first line ${found}`;
  return new SessionError('OTHER_PROTOCOL', message, protocol === 'HTTP' ? { answer: HTTP_ANSWER } : {});
}
/** The peer has asked for it: no error, but the same way out. */
export const quit = () => new SessionError('QUIT', 'goodbye');
export const tooManyConnections = (max: number) =>
  new SessionError('TOO_MANY_CONNECTIONS', `more than ${max} connections`);
/** The socket itself failed: there is nobody left to be told. */
export const socketFailed = (cause: unknown) => new SessionError('SOCKET', messageOf(cause), { cause });
