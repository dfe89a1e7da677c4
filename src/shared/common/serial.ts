/** The numbers of a name's frames rise for ever; a frame carries the lower 32 bits of its own. */

/** The number nearest to `near` whose lower 32 bits are those of `low`. */
export function widen(low: number, near: number): number {
  const number = near + ((low - near) | 0);
  return number < 1 ? number + 2 ** 32 : number;
}
