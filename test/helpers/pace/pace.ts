/**
 * How slow the machine is that the tests run on. Their time limits were chosen on one that did nothing else; every
 * limit in test/ goes through `paced`, which stretches it where the machine is slower, or busy.
 *
 * It is measured before the first test (global.ts), before each file (file.ts), and once more where a limit
 * is reached or a time is judged: a machine can become busy at any time.
 */

/** Carries what is known to the processes of the test files, and to those that they start. */
const VARIABLE = 'RESTANTE_PACE';
const PIECES = 4;
const ROUNDS = 10_000_000;
/** What the rounds of a piece take on the machine that the limits were chosen on, when it does nothing else. */
const PIECE_TAKES_MS = 22;
/** Many limits that are reached at once are one reason to measure. */
const MEASURE_EVERY_MS = 1_000;
/** Nobody waits longer than this many times a limit, whatever is measured. */
const SLOWEST = 20;

let slowness = within(Number(process.env[VARIABLE] ?? 1));
let nextMeasureAt = 0;
/** What came of the work: work of which nothing comes may be left out by the compiler. */
let worked = 0;

/** A time limit, in any unit, as long as it must be on this machine now: a whole number, and never less than given. */
export function paced(limit: number): number {
  return Math.ceil(limit * slowness);
}

/** The same, after one more look at the machine: for what has just been timed. */
export function pacedNow(limit: number): number {
  noteSlowness(measureSlowness());
  return paced(limit);
}

/** Whatever was slow by this factor shows how slow the machine is. What was once known to be slow stays so. */
export function noteSlowness(factor: number): number {
  slowness = Math.max(slowness, within(factor));
  process.env[VARIABLE] = String(slowness);
  return slowness;
}

/**
 * Times some pieces of a fixed work: a process that has not run for long may run at once, and see nothing of the
 * others.
 * @returns by how much the slowest was slower than on a machine that does nothing else
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

/** A limit on waiting. Where it is reached, the machine is looked at again, and may have become slower meanwhile. */
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

  /** Whether it is over. It is looked at often: only at its end does that cost anything. */
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
