/**
 * The speed of the machine that the tests run on. The time limits were chosen on an idle machine. Every limit in test/
 * goes through `paced`, which makes it longer on a slower or busy machine.
 *
 * The speed is measured before the first test (global.ts) and before each file (file.ts). It is measured again when a
 * limit is reached or a time is judged, because a machine can become busy at any time.
 */

/** Passes the measured factor to the processes of the test files, and to the processes that they start. */
const VARIABLE = 'RESTANTE_PACE';
const PIECES = 4;
const ROUNDS = 10_000_000;
/** The time of one piece of work on the machine that the limits were chosen on, when idle. */
const PIECE_TAKES_MS = 22;
/** At most one measurement in this time, because many limits may be reached at once. */
const MEASURE_EVERY_MS = 1_000;
/** No limit becomes longer than this many times, whatever is measured. */
const SLOWEST = 20;

let slowness = within(Number(process.env[VARIABLE] ?? 1));
let nextMeasureAt = 0;
/** The result of the work. Without a use of it, the compiler could leave the work out. */
let worked = 0;

/**
 * A time limit, in any unit, for the current speed of this machine. It is a whole number, and never less than `limit`.
 */
export function paced(limit: number): number {
  return Math.ceil(limit * slowness);
}

/** As `paced`, after a new measurement. For a time that was just taken. */
export function pacedNow(limit: number): number {
  noteSlowness(measureSlowness());
  return paced(limit);
}

/** Something took this many times as long as on an idle machine. The known factor never falls. */
export function noteSlowness(factor: number): number {
  slowness = Math.max(slowness, within(factor));
  process.env[VARIABLE] = String(slowness);
  return slowness;
}

/**
 * Times several pieces of a fixed work. Several, because the system may run the first piece of an idle process at once,
 * and hide the load.
 * @returns how many times as long the slowest took as on an idle machine
 */
export function measureSlowness(): number {
  let slowest = 0;
  for (let piece = 0; piece < PIECES; piece++) slowest = Math.max(slowest, pieceTakesMs() / PIECE_TAKES_MS);
  return slowest;
}

function pieceTakesMs(): number {
  const before = performance.now();
  let value = worked + 1;
  for (let round = 0; round < ROUNDS; round++) value = (Math.imul(value, 1_664_525) + 1_013_904_223) ^ (value >>> 7);
  const tookMs = performance.now() - before;
  worked = value;
  return tookMs;
}

/** A time limit on waiting. When it is reached, the machine is measured again, and the limit may grow. */
export class Patience {
  readonly #limitMs: number;
  readonly #measure: () => number;
  readonly #since = performance.now();

  constructor(limitMs: number, measure = measureSlowness) {
    this.#limitMs = limitMs;
    this.#measure = measure;
  }

  get leftMs(): number {
    return this.#since + paced(this.#limitMs) - performance.now();
  }

  /** Whether the limit has passed. Calls are cheap until then. */
  get over(): boolean {
    if (this.leftMs > 0) return false;
    const now = performance.now();
    if (now > nextMeasureAt) {
      noteSlowness(this.#measure());
      nextMeasureAt = now + MEASURE_EVERY_MS;
    }
    return this.leftMs <= 0;
  }
}

function within(factor: number): number {
  return Number.isFinite(factor) ? Math.min(SLOWEST, Math.max(1, factor)) : 1;
}
