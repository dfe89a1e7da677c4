/** Durations that were counted by their length, as one thread tells them to another. */

/** The upper bounds of the counts, in seconds. What is longer than the last is counted apart. */
export const DURATION_BOUNDS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** Durations as they are told: a count for each bound, and one for what is longer than all of them. */
export interface Durations {
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** Durations as they are counted. */
export class DurationCounts implements Durations {
  readonly counts: number[] = Array.from({ length: DURATION_BOUNDS_SECONDS.length + 1 }, () => 0);
  sumSeconds = 0;

  add(ms: number): void {
    const seconds = Math.max(0, ms / 1000);
    const found = DURATION_BOUNDS_SECONDS.findIndex((bound) => seconds <= bound);
    const at = found < 0 ? DURATION_BOUNDS_SECONDS.length : found;
    this.counts[at] = (this.counts[at] as number) + 1;
    this.sumSeconds += seconds;
  }

  /** A copy that does not change. */
  get now(): Durations {
    return { counts: [...this.counts], sumSeconds: this.sumSeconds };
  }
}

/** How late the event loop of this thread is: a timer that is due once in a while comes as late as everything else. */
export class LoopDelay {
  readonly #periodMs: number;
  readonly #delays = new DurationCounts();
  #dueAt: number;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
    this.#dueAt = performance.now() + periodMs;
  }

  /** To be called by the timer. */
  tick(): void {
    const now = performance.now();
    this.#delays.add(now - this.#dueAt);
    this.#dueAt = now + this.#periodMs;
  }

  get now(): Durations {
    return this.#delays.now;
  }
}
