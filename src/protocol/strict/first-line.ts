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

/**
 * The name that the first line says.
 * @throws SessionError if it is no name
 */
export function nameOfFirstLine(line: Buffer, maxNameBytes: number): Buffer {
  const protocol = protocolOfFirstLine(line);
  if (protocol !== undefined) throw otherProtocol(protocol);
  const name = withoutByteOrderMark(line);
  if (name.length > maxNameBytes) throw nameTooLong(maxNameBytes);
  const problem = nameProblem(name);
  if (problem !== undefined) throw nameRefused(problem);
  return name;
}

/** Why the session ends whose first line is not even read to its end, of which there is `begun`. */
export function refusedFirstLine(begun: Uint8Array, otherwise: SessionError): SessionError {
  const protocol = protocolOfFirstLine(begun);
  return protocol === undefined ? otherwise : otherProtocol(protocol);
}
