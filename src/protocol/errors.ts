/** What can end a session: the codes of session-ends.ts as errors. */
import { type SessionEndCode, type SessionEndFields, sessionEndText } from '../shared/codes/session-ends.ts';
import { messageOf } from '../shared/common/errors.ts';
import { type ForeignProtocol, HTTP_ANSWER } from './strict/foreign.ts';

interface SessionErrorOptions extends ErrorOptions {
  readonly answer?: Uint8Array;
}

/** Ends one session. Its message is what the peer is told, where it still can be. */
export class SessionError extends Error {
  readonly code: SessionEndCode;
  /** What the peer is told instead, where it does not read the broker's own lines. */
  readonly answer: Uint8Array | undefined;

  constructor(code: SessionEndCode, message: string, options?: SessionErrorOptions) {
    super(message, options);
    this.name = 'SessionError';
    this.code = code;
    this.answer = options?.answer;
  }
}

function sessionError<C extends SessionEndCode>(
  code: C,
  fields: SessionEndFields<C>,
  options?: SessionErrorOptions,
): SessionError {
  return new SessionError(code, sessionEndText(code, fields), options);
}

export const lineTooLong = (maxBytes: number) => sessionError('LINE_TOO_LONG', { maxBytes });
export const nameTooLong = (maxBytes: number) => sessionError('NAME_TOO_LONG', { maxBytes });
export const notUtf8 = () => sessionError('NOT_UTF8', {});
export const nameTimeout = (seconds: number) => sessionError('NAME_TIMEOUT', { seconds });
export const nameCrowded = () => sessionError('NAME_CROWDED', {});
/** @param problem see strict-name.ts */
export const nameRefused = (problem: string) => sessionError('NAME_REFUSED', { problem });
export const otherProtocol = (protocol: ForeignProtocol) =>
  sessionError('OTHER_PROTOCOL', { protocol }, protocol === 'HTTP' ? { answer: HTTP_ANSWER } : {});
/** The peer has asked for it: no error, but the same way out. */
export const quit = () => sessionError('QUIT', {});
export const tooManyConnections = (max: number) => sessionError('TOO_MANY_CONNECTIONS', { max });
/** The socket itself failed: there is nobody left to be told. */
export const socketFailed = (cause: unknown) => sessionError('SOCKET', { failure: messageOf(cause) }, { cause });
