/** Some sessions of a simulated broker may send only a little at a time, and have to wait for more. */
import { Rates } from '../../../../src/shared/visitors/rates.ts';
import { Visit } from '../../../../src/shared/visitors/visit.ts';
import { LONG_MS, type SimTimers } from '../clock/timers.ts';

/** Each time that a little time passes, it is so much. */
const PASSED_MS = 50;
const NONE = Number.POSITIVE_INFINITY;
/** Two messages at once, and then one each time. */
const ALLOWED = {
  connections: NONE,
  connectionsAMinute: NONE,
  messagesASecond: 20,
  bytesASecond: NONE,
  burstSeconds: 0.1,
};
/** One of so many sessions is slowed. */
const ONE_OF = 3;

export class Paces {
  readonly #rates: Rates;
  #now = 0;
  #waiting = 0;

  constructor(timers: SimTimers) {
    // However long a session must wait, it goes on when time passes, so that nothing waits for ever.
    const startTimer = (ms: number, step: () => void) => {
      this.#waiting++;
      const cancel = timers.start(Math.min(ms, LONG_MS - 1), () => {
        this.#waiting--;
        step();
      });
      return () => {
        if (cancel()) this.#waiting--;
      };
    };
    const clock = { now: () => this.#now, startTimer };
    this.#rates = new Rates({ address: ALLOWED, account: ALLOWED, patienceSeconds: NONE, onLoopback: true }, clock);
  }

  /** Whether a session waits until it may go on. */
  get wait(): boolean {
    return this.#waiting > 0;
  }

  pass(): void {
    this.#now += PASSED_MS;
  }

  /** The visit of a session. @returns undefined if it may send as fast as it can */
  of(number: number): Visit | undefined {
    const visit = number % ONE_OF === 0 ? this.#rates.enter(`address ${number}`) : undefined;
    return visit instanceof Visit ? visit : undefined;
  }
}
