/** Whether the long versions of the fault tests are requested. */
const LONG = process.env.RESTANTE_LONG === '1';

/** The long figure if the long versions are requested, or else the fast one. */
export function fastOrLong<T>(fast: T, long: T): T {
  return LONG ? long : fast;
}
