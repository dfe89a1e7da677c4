/** The numbers of a name's frames rise for ever; a frame carries the lower 32 bits of its own. */

/** The first number of a name's first frame: some room before it is for mail that must come before all there is. */
export const FIRST_NUMBER = 2 ** 20;

/** The number nearest to `near` whose lower 32 bits are those of `low`. */
export function fullNumber(low: number, near: number): number {
  const number = near + ((low - near) | 0);
  return number < 1 ? number + 2 ** 32 : number;
}
