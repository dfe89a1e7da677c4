/** The errors that end a session, one for each code of session-ends.ts. */
import { type SessionEndCode, type SessionEndFields, sessionEndText } from '../shared/codes/session-ends.ts';
import { messageOf } from '../shared/common/errors.ts';
import type { NotLetIn } from '../shared/visitors/rates.ts';
import { type ForeignProtocol, HTTP_ANSWER } from './strict/foreign.ts';

/** After so long a proof that could not be checked may be given again. */
const BUSY_RETRY_SECONDS = 2;

const CROWDED = { address: 'ADDRESS_CROWDED', account: 'ACCOUNT_CROWDED' } as const;

interface SessionErrorOptions extends ErrorOptions {
  readonly answer?: Uint8Array;
  readonly retry?: number;
}

/** The reason why one session ends. The peer is told its message, where it can still be told. */
export class SessionError extends Error {
  readonly code: SessionEndCode;
  /** Bytes that the peer is sent in place of the message, where its protocol is another one. */
  readonly answer: Uint8Array | undefined;
  /** After so many seconds the peer may try again; undefined if it would end in the same way. */
  readonly retry: number | undefined;

  constructor(code: SessionEndCode, message: string, options?: SessionErrorOptions) {
    super(message, options);
    this.name = 'SessionError';
    this.code = code;
    this.answer = options?.answer;
    this.retry = options?.retry;
  }
}

function sessionError<C extends SessionEndCode>(
  code: C,
  fields: SessionEndFields<C>,
  options?: SessionErrorOptions,
): SessionError {
  return new SessionError(code, sessionEndText(code, fields), options);
}

/** A line is longer than MAX_LINE_BYTES. */
export const lineTooLong = (maxBytes: number) => sessionError('LINE_TOO_LONG', { maxBytes });
/** A name is longer than MAX_NAME_BYTES. */
export const nameTooLong = (maxBytes: number) => sessionError('NAME_TOO_LONG', { maxBytes });
/** A line is not valid UTF-8. */
export const notUtf8 = () => sessionError('NOT_UTF8', {});
/** The peer gave no name within NAME_TIMEOUT_SECONDS. */
export const nameTimeout = (seconds: number) => sessionError('NAME_TIMEOUT', { seconds });
/** The name is taken, and as many sessions wait for it as may. */
export const nameCrowded = () => sessionError('NAME_CROWDED', {});
/** Another peer has proved that the name is its own. */
export const takenOver = () => sessionError('TAKEN_OVER', {});
/** @param problem why the name is refused, from strict-name.ts or the authenticator */
export const nameRefused = (problem: string) => sessionError('NAME_REFUSED', { problem });
/** The first line of a program is no hello. @param problem what is wrong with it */
export const helloRefused = (problem: string) => sessionError('HELLO_REFUSED', { problem });
/** A program said nothing for so many seconds, though it was pinged. */
export const programSilent = (seconds: number) => sessionError('PROGRAM_SILENT', { seconds });
/** A program does not read the receipts that it has asked for. */
export const receiptsUnread = () => sessionError('RECEIPTS_UNREAD', {});
/** An operator has ended the session. */
export const kicked = () => sessionError('KICKED', {});
/** The peer speaks another protocol. Only HTTP is answered in its own form. */
export const otherProtocol = (protocol: ForeignProtocol) =>
  sessionError('OTHER_PROTOCOL', { protocol }, protocol === 'HTTP' ? { answer: HTTP_ANSWER } : {});
/** The peer speaks without TLS where TLS is spoken. */
export const notTls = () => sessionError('NOT_TLS', {});
/** The name needs a proof, and there is none. */
export const authRequired = () => sessionError('AUTH_REQUIRED', {});
/** The proof is wrong, or there is no such account: the peer is not told which. */
export const authFailed = () => sessionError('AUTH_FAILED', {});
/** Too many logins have failed. @param seconds after which the next may be tried */
export const authLimited = (seconds: number) => sessionError('AUTH_LIMITED', { seconds }, { retry: seconds });
/** The proof cannot be checked now. */
export const authBusy = () => sessionError('AUTH_BUSY', {}, { retry: BUSY_RETRY_SECONDS });
/** What the session has proved is not valid any more. */
export const authWithdrawn = () => sessionError('AUTH_WITHDRAWN', {});
/** The peer asked to leave. This is no failure, but it ends the session in the same way. */
export const quit = () => sessionError('QUIT', {});
/** No further connection is accepted. @param max how many there can be */
export const tooManyConnections = (max: number) => sessionError('TOO_MANY_CONNECTIONS', { max });
/** @param notLetIn by which limit the connection may not come, or not stay */
export function notLetIn(notLetIn: NotLetIn): SessionError {
  switch (notLetIn.why) {
    case 'too many':
      return sessionError(CROWDED[notLetIn.by], notLetIn);
    case 'too often':
      return sessionError('TOO_OFTEN', notLetIn, { retry: notLetIn.seconds });
    default:
      return notLetIn satisfies never;
  }
}
/** So much was sent from the address that a short session must not begin. @param seconds after which it may */
export const sentTooMuch = (seconds: number) => sessionError('SENT_TOO_MUCH', { seconds }, { retry: seconds });
/** The session was slowed all the time, and that for long. @param seconds for how long */
export const stillTooMuch = (seconds: number) => sessionError('STILL_TOO_MUCH', { seconds });
/** A trusted proxy has not begun with a header that can be read. @param problem what is wrong with it */
export const proxyRefused = (problem: string) => sessionError('PROXY_REFUSED', { problem });
/** The socket failed, so the peer cannot be told. */
export const socketFailed = (cause: unknown) => sessionError('SOCKET', { failure: messageOf(cause) }, { cause });
