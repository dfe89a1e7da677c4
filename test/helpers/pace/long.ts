/** Whether the long versions of the fault tests are asked for. */
const LONG = process.env.RESTANTE_LONG === '1';

/** The fast figure, or the long one where the long versions are asked for. */
export function fastOrLong<T>(fast: T, long: T): T {
  return LONG ? long : fast;
}
