/**
 * Serial number arithmetic (RFC 1982) in 32 bits. The sums of frames and bytes, and the numbers of frames, rise without
 * end. A record or a frame has only their lower 32 bits, as one signed word. Two such words can be compared while the
 * full numbers are less than 2^31 apart.
 */

/** @returns `sum` + `more`, modulo 2^32 */
export function add(sum: number, more: number): number {
  return (sum + more) | 0;
}

/** @returns how far `later` is after `earlier`; negative if it is before it */
export function since(later: number, earlier: number): number {
  return (later - earlier) | 0;
}

/** @returns the number nearest to `near` whose lower 32 bits are `low`. Numbers begin at 1. */
export function widen(low: number, near: number): number {
  const number = near + since(low, near);
  return number < 1 ? number + 2 ** 32 : number;
}
