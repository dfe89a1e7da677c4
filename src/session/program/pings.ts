/**
 * Pings programs from which nothing comes, and gives up those that stay silent. One timer looks at all of them, several
 * times in the time after which a program is pinged.
 */

/** All programs are looked at so often in the time after which one is pinged. A ping is late by one part at most. */
export const SWEEPS_A_PING = 5;
/** A program is given up when it has been silent for this many times as long. */
export const PINGS_BEFORE_THE_END = 3;

/** A program that is pinged. */
export interface PingedProgram {
  /** Whether anything came from it since the last call, or nothing could be seen of it. */
  takeHeard(): boolean;
  ping(): void;
  /** Ends its session. */
  giveUp(): void;
}

/** The programs of one broker. */
export class Pings {
  /** How many looks in a row have found each program silent. */
  readonly #silentSweeps = new Map<PingedProgram, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param seconds after so many seconds of silence a program is pinged */
  start(seconds: number): void {
    this.#timer = setInterval(() => this.sweep(), (seconds * 1000) / SWEEPS_A_PING);
    this.#timer.unref();
  }

  /** Nothing is pinged any more. */
  end(): void {
    clearInterval(this.#timer);
  }

  /** How many programs are pinged. */
  get size(): number {
    return this.#silentSweeps.size;
  }

  add(program: PingedProgram): void {
    this.#silentSweeps.set(program, 0);
  }

  remove(program: PingedProgram): void {
    this.#silentSweeps.delete(program);
  }

  /** Looks at all programs. */
  sweep(): void {
    for (const [program, before] of this.#silentSweeps) {
      const sweeps = program.takeHeard() ? 0 : before + 1;
      this.#silentSweeps.set(program, sweeps);
      if (sweeps >= SWEEPS_A_PING * PINGS_BEFORE_THE_END) program.giveUp();
      else if (sweeps > 0 && sweeps % SWEEPS_A_PING === 0) program.ping();
    }
  }
}
