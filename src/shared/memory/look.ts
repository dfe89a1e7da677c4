/**
 * What a look at bytes finds, as bits: what of it matters to who reads lines. Arenas look sixteen bytes at a time
 * (arena-code.ts); here the same is found one by one.
 */

/** A byte that is not ASCII. Without it the bytes are UTF-8. */
export const HAS_NON_ASCII = 1;
/** A control character of ASCII but LF, TAB, and a CR before LF. */
export const HAS_CONTROL = 2;
/** A byte that may begin one of the other controls (U+0080 to U+009F) or separators (U+2028, U+2029). */
export const HAS_LEAD = 4;

const TAB = 9;
const LF = 10;
const CR = 13;
const DELETE = 0x7f;
/** C2 begins U+0080 to U+00BF, E2 begins U+2000 to U+2FFF; this is both without the bit in which they differ. */
const LEAD = 0xc2;
const LEAD_BITS = 0xdf;

/** What there is in [start, end) of `bytes`. */
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
