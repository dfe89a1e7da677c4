/** Figures in words, in the reader's language. */

const WHOLE = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const SHORT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1, notation: 'compact' });
const TENTHS = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const TIME = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY_AND_TIME = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'medium' });

/** Figures from here on are shortened where there is little room. */
const LONG_COUNT = 100_000;
const STEP = 1024;
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;
/** From this part of a limit on it is near. */
const NEAR = 0.8;

/** A count in full. */
export function count(value: number): string {
  return WHOLE.format(value);
}

/** A count that is short. */
export function shortCount(value: number): string {
  return value < LONG_COUNT ? WHOLE.format(value) : SHORT.format(value);
}

/** A count with its noun. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

export function bytes(value: number): string {
  let step = 0;
  let left = value;
  while (left >= STEP && step < UNITS.length - 1) {
    left /= STEP;
    step++;
  }
  return `${step === 0 || left >= 100 ? WHOLE.format(left) : TENTHS.format(left)} ${UNITS[step]}`;
}

export function milliseconds(value: number): string {
  return `${value < 10 ? TENTHS.format(value) : WHOLE.format(value)} ms`;
}

/** How long something is ago, in one unit. */
export function ago(seconds: number): string {
  if (seconds < 60) return `${WHOLE.format(Math.max(0, seconds))} s`;
  if (seconds < 3_600) return `${WHOLE.format(Math.floor(seconds / 60))} min`;
  if (seconds < 172_800) return `${WHOLE.format(Math.floor(seconds / 3_600))} h`;
  return `${WHOLE.format(Math.floor(seconds / 86_400))} days`;
}

/** A time of today, or else the day with it. */
export function time(at: number): string {
  const isToday = new Date(at).toDateString() === new Date().toDateString();
  return isToday ? TIME.format(at) : DAY_AND_TIME.format(at);
}

export type Nearness = 'far' | 'near' | 'reached';

/** How near to a limit something is. */
export function nearness(used: number, most: number): Nearness {
  if (used >= most) return 'reached';
  return used >= NEAR * most ? 'near' : 'far';
}

/** A part in whole percent; never 0 if something is used, and never 100 before all is. */
export function percent(used: number, most: number): string {
  const part = most === 0 ? 100 : (100 * used) / most;
  if (part > 0 && part < 1) return 'under 1 %';
  return `${WHOLE.format(part < 100 ? Math.floor(part) : part)} %`;
}
