/**
 * The header of the PROXY protocol, versions 1 and 2, with which a proxy begins a connection to say whom it speaks for.
 * What cannot be read is an answer, and no exception.
 */

import { binaryHeader, SIGNATURE } from './binary-header.ts';
import { textHeader } from './text-header.ts';

/** Whom a proxy speaks for. */
export interface Source {
  readonly address: string;
  readonly port: number;
}

/** What the first bytes of a connection are. */
export type Header =
  | { readonly is: 'begun' }
  /** Undefined as the source: the proxy speaks for itself. Behind `length` bytes its client begins. */
  | { readonly is: 'whole'; readonly source: Source | undefined; readonly length: number }
  | { readonly is: 'wrong'; readonly problem: string };

const TEXT = Buffer.from('PROXY ');

/** Reads the header that a connection begins with. @param bytes all that has come so far */
export function readHeader(bytes: Buffer): Header {
  if (beginsAs(bytes, SIGNATURE)) return bytes.length < SIGNATURE.length ? { is: 'begun' } : binaryHeader(bytes);
  if (beginsAs(bytes, TEXT)) return bytes.length < TEXT.length ? { is: 'begun' } : textHeader(bytes);
  return { is: 'wrong', problem: 'it has not begun with a header of the PROXY protocol' };
}

/** Whether bytes begin with others, as far as they have come. */
function beginsAs(bytes: Buffer, others: Buffer): boolean {
  const length = Math.min(bytes.length, others.length);
  return bytes.subarray(0, length).equals(others.subarray(0, length));
}
