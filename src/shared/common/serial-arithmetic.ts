/**
 * Serial number arithmetic (RFC 1982) in 32 bits. Sums of frames and bytes, and the numbers of frames, rise for ever. A
 * record or a frame carries the lower 32 bits of them, as one signed word. Two of them can be compared as long as they
 * are less than 2^31 apart.
 */

/** The sum that `sum` becomes when it rises by `more`. */
export function add(sum: number, more: number): number {
  return (sum + more) | 0;
}

/** How far `later` is past `earlier`; negative where it is before it. */
export function since(later: number, earlier: number): number {
  return (later - earlier) | 0;
}

/** The number nearest to `near` whose lower 32 bits are those of `low`. Numbers begin at 1. */
export function widen(low: number, near: number): number {
  const number = near + since(low, near);
  return number < 1 ? number + 2 ** 32 : number;
}
