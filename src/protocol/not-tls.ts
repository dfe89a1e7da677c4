/** What a client is told that speaks without TLS to the port of TLS: an object for a program, a line for others. */
import type { SessionEndCode } from '../shared/codes/session-ends.ts';
import { notTls } from './errors.ts';
import type { ProgramProtocol, Protocol } from './protocol.ts';

/** How the line of a program begins. */
const OBJECT = 0x7b;

interface NotTls {
  readonly code: SessionEndCode;
  readonly message: string;
  readonly answer: Uint8Array;
}

/** @param firstByte what the client began with */
export function notTlsAnswer(firstByte: number, protocol: Protocol, programs: ProgramProtocol): NotTls {
  const error = notTls();
  const encoder = firstByte === OBJECT ? programs.encoder() : protocol.encoder;
  return { code: error.code, message: error.message, answer: encoder.notice(error) };
}
