/**
 * The clock by which mail ages. A wall clock can jump by years and back, and must not make mail too old that was held a
 * moment ago. So a broker reads it once, at its start, and then follows the monotonic clock of the system. At the start
 * it compares the wall clock with the time that the last run left in the store.
 */

/** Seconds are stored in 32 bits. 0 means never. */
const FIRST_SECOND = 1;
const LAST_SECOND = 2 ** 32 - 1;

/** @returns the nearest time that can be stored, whatever year the clock shows; 0 stays 0 */
export function storableSeconds(seconds: number): number {
  if (seconds === 0) return 0;
  return within(Math.floor(seconds));
}

/** @returns the wall clock, in seconds since 1970, with their fraction */
export function wallSeconds(): number {
  return within(Date.now() / 1000);
}

/** @returns the nearest time that can be stored, with its fraction */
function within(seconds: number): number {
  return Math.min(LAST_SECOND, Math.max(FIRST_SECOND, seconds));
}

/** What a run of the broker leaves in the store for the next one. */
export interface KeptTime {
  /** The time by which mail had aged, in seconds since 1970. */
  readonly aged: number;
  /** The wall clock at that time. */
  readonly wall: number;
}

/** The time by which mail ages, in seconds since 1970, when a run starts. */
export interface TimeAtStart {
  readonly seconds: number;
  /** Whether the wall clock has jumped, now or before the last run ended, so that it is not followed. */
  readonly distrusted: boolean;
}

/**
 * The time by which mail ages when a run starts. It is never less than at the end of the last run.
 *
 * If the wall clock is more than `holdSeconds` away from that, to follow it would make all mail too old at once, or
 * keep it for ever. It is distrusted instead, and time continues from where it was. Later runs do the same while the
 * two clocks stay that far apart.
 * @param kept what the last run left; undefined if there was none
 * @param wall the wall clock, in seconds since 1970
 */
export function timeAtStart(kept: KeptTime | undefined, wall: number, holdSeconds: number): TimeAtStart {
  if (kept === undefined) return { seconds: wall, distrusted: false };
  const { aged } = kept;
  if (Math.abs(wall - aged) <= holdSeconds) return { seconds: Math.max(wall, aged), distrusted: false };
  const passed = wall - kept.wall;
  if (Math.abs(passed) <= holdSeconds) return { seconds: aged + Math.max(0, passed), distrusted: false };
  return { seconds: aged, distrusted: true };
}

/** A clock that only rises. It is the same in all threads of a process that have its base. */
export class RisingClock {
  /** How far it is ahead of the monotonic clock of the system, in seconds. */
  readonly base: number;

  constructor(base: number) {
    this.base = base;
  }

  /** @returns a clock that is at `seconds` now */
  static at(seconds: number): RisingClock {
    return new RisingClock(seconds - monotonicSeconds());
  }

  /** The time in seconds since 1970, in a form that can be stored. */
  now(): number {
    return storableSeconds(this.exactly());
  }

  /** The time in seconds since 1970, with their fraction. */
  exactly(): number {
    return within(this.base + monotonicSeconds());
  }
}

/** All threads have the same hrtime, unlike performance.now(). */
function monotonicSeconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
