/** With which code a WebSocket closes (RFC 6455, 7.4.1), for each reason why a session ends. */
import type { SessionEndCode } from '../../shared/codes/session-ends.ts';

/** The broker is stopping: a session that ends without a reason of its own. */
export const GOING_AWAY = 1001;
/** The peer breaks the rules of the protocol. */
const WRONG_PROTOCOL = 1002;
/** A message is no text. */
export const NO_TEXT = 1003;
const NOT_UTF8 = 1007;
/** A rule of the broker's own is broken. */
export const AGAINST_THE_RULES = 1008;
const TOO_LARGE = 1009;
const BROKER_FAILED = 1011;
/** There are too many connections now. */
const TRY_LATER = 1013;

/** The code for each reason. */
export const CLOSE_CODES: Readonly<Record<SessionEndCode, number>> = {
  LINE_TOO_LONG: TOO_LARGE,
  NAME_TOO_LONG: AGAINST_THE_RULES,
  NOT_UTF8,
  NAME_TIMEOUT: AGAINST_THE_RULES,
  NAME_CROWDED: AGAINST_THE_RULES,
  KICKED: AGAINST_THE_RULES,
  TAKEN_OVER: AGAINST_THE_RULES,
  NAME_REFUSED: AGAINST_THE_RULES,
  HELLO_REFUSED: WRONG_PROTOCOL,
  AUTH_REQUIRED: AGAINST_THE_RULES,
  AUTH_FAILED: AGAINST_THE_RULES,
  AUTH_LIMITED: TRY_LATER,
  AUTH_BUSY: TRY_LATER,
  AUTH_WITHDRAWN: AGAINST_THE_RULES,
  RECEIPTS_UNREAD: AGAINST_THE_RULES,
  PROGRAM_SILENT: AGAINST_THE_RULES,
  NOT_TLS: WRONG_PROTOCOL,
  OTHER_PROTOCOL: WRONG_PROTOCOL,
  QUIT: 1000,
  TOO_MANY_CONNECTIONS: TRY_LATER,
  ADDRESS_CROWDED: TRY_LATER,
  ACCOUNT_CROWDED: TRY_LATER,
  TOO_OFTEN: TRY_LATER,
  SENT_TOO_MUCH: TRY_LATER,
  STILL_TOO_MUCH: AGAINST_THE_RULES,
  PROXY_REFUSED: WRONG_PROTOCOL,
  SOCKET: BROKER_FAILED,
};
