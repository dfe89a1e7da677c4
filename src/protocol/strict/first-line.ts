/** The first line of a session where STRICT is on: a name, or the reason why the session ends. */
import { nameRefused, nameTooLong, otherProtocol, type SessionError } from '../errors.ts';
import { protocolOfFirstByte, protocolOfFirstLine } from './foreign.ts';
import { BYTE_ORDER_MARK_BYTES, nameProblem, withoutByteOrderMark } from './strict-name.ts';

/** How long a first line may be in which a name of `maxNameBytes` stands. */
export function maxFirstLineBytes(maxNameBytes: number): number {
  return maxNameBytes + BYTE_ORDER_MARK_BYTES;
}

/** Why a stream that begins with this byte is no session; undefined if it may be one. */
export function refusedBeginning(firstByte: number): SessionError | undefined {
  const protocol = protocolOfFirstByte(firstByte);
  return protocol === undefined ? undefined : otherProtocol(protocol);
}

/** The name that the first line says, or why it is none. */
export function nameOfFirstLine(line: Buffer, maxNameBytes: number): Buffer | SessionError {
  const protocol = protocolOfFirstLine(line);
  if (protocol !== undefined) return otherProtocol(protocol);
  const name = withoutByteOrderMark(line);
  if (name.length > maxNameBytes) return nameTooLong(maxNameBytes);
  const problem = nameProblem(name);
  return problem === undefined ? name : nameRefused(problem);
}

/** Why the session ends whose first line is not even read to its end, of which there is `begun`. */
export function refusedFirstLine(begun: Uint8Array, otherwise: SessionError): SessionError {
  const protocol = protocolOfFirstLine(begun);
  return protocol === undefined ? otherwise : otherProtocol(protocol);
}
