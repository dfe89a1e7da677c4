/** Reads the first line of a session with STRICT=on: its name, or why the session ends. */
import { nameRefused, nameTooLong, otherProtocol, type SessionError } from '../errors.ts';
import { protocolOfFirstByte, protocolOfFirstLine } from './foreign.ts';
import { BYTE_ORDER_MARK_BYTES, nameProblem, withoutByteOrderMark } from './strict-name.ts';

/** @returns the longest first line that can have a name of `maxNameBytes` in it, in bytes */
export function maxFirstLineBytes(maxNameBytes: number): number {
  return maxNameBytes + BYTE_ORDER_MARK_BYTES;
}

/** @returns why a stream that begins with this byte is refused; undefined if it may be a session */
export function refusedBeginning(firstByte: number): SessionError | undefined {
  const protocol = protocolOfFirstByte(firstByte);
  return protocol === undefined ? undefined : otherProtocol(protocol);
}

/** @returns the name in the first line, or why there is none */
export function nameOfFirstLine(line: Buffer, maxNameBytes: number): Buffer | SessionError {
  const protocol = protocolOfFirstLine(line);
  if (protocol !== undefined) return otherProtocol(protocol);
  const name = withoutByteOrderMark(line);
  if (name.length > maxNameBytes) return nameTooLong(maxNameBytes);
  const problem = nameProblem(name);
  return problem === undefined ? name : nameRefused(problem);
}

/**
 * Why a session ends whose first line is no valid line.
 * @param begun what was read of the line
 * @param otherwise the reason, if the line does not look like another protocol
 */
export function refusedFirstLine(begun: Uint8Array, otherwise: SessionError): SessionError {
  const protocol = protocolOfFirstLine(begun);
  return protocol === undefined ? otherwise : otherProtocol(protocol);
}
