/** What a bench counts, and its sums. It knows no clock: every time is handed in, in milliseconds. */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

const NS_A_MS = 1e6;
const MS_A_SECOND = 1_000;
const BYTES_A_MIB = 1024 * 1024;

/** How long something took, in milliseconds. All are 0 where nothing was measured. */
export interface Spread {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** The sums of a bench. */
export interface Figures {
  /** From the first message to the last thing that happened to one. */
  readonly seconds: number;
  readonly accepted: number;
  readonly workedOff: number;
  readonly acceptedPerSecond: number;
  readonly workedOffPerSecond: number;
  /** Of the bodies of the messages that were worked off. */
  readonly mebibytesPerSecond: number;
  readonly toAcceptedMs: Spread;
  readonly toWorkedOffMs: Spread;
  readonly refused: number;
  readonly repeated: number;
  /** Messages that were sent and not refused, and whose end was not seen. */
  readonly unfinished: number;
}

/** Counts for all pairs of a bench. */
export class Tally {
  readonly #toAccepted = createHistogram();
  readonly #toWorkedOff = createHistogram();
  readonly #beganAt: number;
  #lastAt: number;
  #accepted = 0;
  #workedOff = 0;
  #refused = 0;
  #repeated = 0;

  constructor(beganAt: number) {
    this.#beganAt = beganAt;
    this.#lastAt = beganAt;
  }

  get workedOffSoFar(): number {
    return this.#workedOff;
  }

  accepted(sentAt: number, at: number): void {
    this.#accepted++;
    this.#record(this.#toAccepted, sentAt, at);
  }

  workedOff(sentAt: number, at: number): void {
    this.#workedOff++;
    this.#record(this.#toWorkedOff, sentAt, at);
  }

  refused(): void {
    this.#refused++;
  }

  /** A message came that had come before. */
  repeated(): void {
    this.#repeated++;
  }

  #record(histogram: RecordableHistogram, sentAt: number, at: number): void {
    this.#lastAt = Math.max(this.#lastAt, at);
    histogram.record(Math.max(1, Math.round((at - sentAt) * NS_A_MS)));
  }

  /** @param bytes of each body */
  figures(bytes: number, unfinished: number): Figures {
    const seconds = (this.#lastAt - this.#beganAt) / MS_A_SECOND;
    const perSecond = (count: number) => (seconds > 0 ? count / seconds : 0);
    return {
      seconds,
      accepted: this.#accepted,
      workedOff: this.#workedOff,
      acceptedPerSecond: perSecond(this.#accepted),
      workedOffPerSecond: perSecond(this.#workedOff),
      mebibytesPerSecond: perSecond((this.#workedOff * bytes) / BYTES_A_MIB),
      toAcceptedMs: spreadOf(this.#toAccepted),
      toWorkedOffMs: spreadOf(this.#toWorkedOff),
      refused: this.#refused,
      repeated: this.#repeated,
      unfinished,
    };
  }
}

function spreadOf(histogram: RecordableHistogram): Spread {
  if (histogram.count === 0) return { p50: 0, p90: 0, p99: 0, max: 0 };
  const ms = (percentile: number) => histogram.percentile(percentile) / NS_A_MS;
  return { p50: ms(50), p90: ms(90), p99: ms(99), max: histogram.max / NS_A_MS };
}
