/**
 * Looks through bytes for what matters to a reader of lines. The result is bits. In an arena it is done sixteen bytes
 * at a time (arena-code.ts); the function here finds the same byte by byte.
 */

/** There is a byte that is not ASCII. Without this bit the bytes are valid UTF-8. */
export const HAS_NON_ASCII = 1;
/** There is an ASCII control character other than LF, TAB, or a CR before LF. */
export const HAS_CONTROL = 2;
/** There is a byte with which U+0080 to U+009F, U+2028 or U+2029 may begin. */
export const HAS_LEAD = 4;

const TAB = 9;
const LF = 10;
const CR = 13;
const DELETE = 0x7f;
/** C2 begins U+0080 to U+00BF, and E2 begins U+2000 to U+2FFF. This is both, without the bit in which they differ. */
const LEAD = 0xc2;
const LEAD_BITS = 0xdf;

/** @returns the bits for [start, end) of `bytes` */
export function lookAt(bytes: Uint8Array, start: number, end: number): number {
  let found = 0;
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) found |= (byte & LEAD_BITS) === LEAD ? HAS_NON_ASCII | HAS_LEAD : HAS_NON_ASCII;
    else if (byte === CR) found |= i + 1 < end && bytes[i + 1] === LF ? 0 : HAS_CONTROL;
    else if ((byte < 0x20 && byte !== LF && byte !== TAB) || byte === DELETE) found |= HAS_CONTROL;
  }
  return found;
}
