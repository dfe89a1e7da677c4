/**
 * The time by which mail ages. A wall clock can jump by years and back; mail that was held a moment ago must not be too
 * old by that. So a run looks at it once, at its start, and goes on by the system's monotonic clock; and a start
 * compares it with the time that the run before has left in the store.
 */

/** Seconds are stored in 32 bits. 0 stands for never. */
const FIRST_SECOND = 1;
const LAST_SECOND = 2 ** 32 - 1;

/** The seconds nearest to `seconds` that a store can have, whatever year the clock says; 0 stays 0. */
export function storableSeconds(seconds: number): number {
  if (seconds === 0) return 0;
  return Math.min(LAST_SECOND, Math.max(FIRST_SECOND, Math.floor(seconds)));
}

/** What the wall clock says, in seconds since 1970. */
export function wallSeconds(): number {
  return storableSeconds(Math.floor(Date.now() / 1000) || FIRST_SECOND);
}

/** What a run leaves for the next. */
export interface KeptTime {
  /** The latest time by which mail has aged, in seconds since 1970. */
  readonly aged: number;
  /** What the wall clock said then. */
  readonly wall: number;
}

export interface TimeAtStart {
  readonly seconds: number;
  /** Whether the wall clock has jumped since the run before, or jumped then, so that it is not followed. */
  readonly distrusted: boolean;
}

/**
 * The time by which mail ages when a run starts: never less than at the end of the run before.
 *
 * A wall clock that is further than `holdSeconds` from that would make all mail too old at once, or keep it for ever.
 * It is distrusted, and time goes on from where it was; so it is in later runs, as long as the two clocks stay so far
 * apart.
 */
export function timeAtStart(kept: KeptTime | undefined, wall: number, holdSeconds: number): TimeAtStart {
  if (kept === undefined) return { seconds: wall, distrusted: false };
  const { aged } = kept;
  if (Math.abs(wall - aged) <= holdSeconds) return { seconds: Math.max(wall, aged), distrusted: false };
  const passed = wall - kept.wall;
  if (Math.abs(passed) <= holdSeconds) return { seconds: aged + Math.max(0, passed), distrusted: false };
  return { seconds: aged, distrusted: true };
}

/** A clock that only rises, and is the same in all threads of a process that were given its base. */
export class RisingClock {
  /** What it is ahead of the system's monotonic clock, in seconds. */
  readonly base: number;

  constructor(base: number) {
    this.base = base;
  }

  /** A clock that says `seconds` now. */
  static at(seconds: number): RisingClock {
    return new RisingClock(seconds - monotonicSeconds());
  }

  /** Seconds since 1970, as they can be stored. */
  now(): number {
    return storableSeconds(Math.max(FIRST_SECOND, this.base + monotonicSeconds()));
  }
}

/** Common to all threads, unlike performance.now(). */
function monotonicSeconds(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds + nanoseconds / 1e9;
}
