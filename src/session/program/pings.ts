/**
 * Pings programs from which nothing comes, and gives up those that stay silent. One timer looks at all that
 * are pinged after the same time, several times in that time.
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

/** The programs that are pinged after one length of silence. */
class Round {
  /** How many looks in a row have found each program silent. */
  readonly silentSweeps = new Map<PingedProgram, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param seconds after so many seconds of silence a program is pinged */
  start(seconds: number): void {
    this.#timer = setInterval(() => this.sweep(), (seconds * 1000) / SWEEPS_A_PING);
    this.#timer.unref();
  }

  end(): void {
    clearInterval(this.#timer);
  }

  sweep(): void {
    for (const [program, before] of this.silentSweeps) {
      const sweeps = program.takeHeard() ? 0 : before + 1;
      this.silentSweeps.set(program, sweeps);
      if (sweeps >= SWEEPS_A_PING * PINGS_BEFORE_THE_END) program.giveUp();
      else if (sweeps > 0 && sweeps % SWEEPS_A_PING === 0) program.ping();
    }
  }
}

/** The programs of one broker. Each is pinged after the time that it was told when it came. */
export class Pings {
  readonly #rounds = new Map<number, Round>();
  #runs = false;

  /** From now on programs are pinged, until `end`. */
  start(): void {
    this.#runs = true;
    for (const [seconds, round] of this.#rounds) round.start(seconds);
  }

  /** Nothing is pinged any more. */
  end(): void {
    this.#runs = false;
    for (const round of this.#rounds.values()) round.end();
  }

  /** How many programs are pinged. */
  get size(): number {
    return [...this.#rounds.values()].reduce((sum, round) => sum + round.silentSweeps.size, 0);
  }

  /** @param seconds after so many seconds of silence the program is pinged */
  add(program: PingedProgram, seconds: number): void {
    let round = this.#rounds.get(seconds);
    if (round === undefined) {
      round = new Round();
      this.#rounds.set(seconds, round);
      if (this.#runs) round.start(seconds);
    }
    round.silentSweeps.set(program, 0);
  }

  /** @param seconds those that it was added with */
  remove(program: PingedProgram, seconds: number): void {
    const round = this.#rounds.get(seconds);
    round?.silentSweeps.delete(program);
    if (round?.silentSweeps.size !== 0) return;
    round.end();
    this.#rounds.delete(seconds);
  }

  /** Looks at all programs. */
  sweep(): void {
    for (const round of this.#rounds.values()) round.sweep();
  }
}
