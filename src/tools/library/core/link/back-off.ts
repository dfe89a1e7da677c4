/** The pauses between attempts to connect: exponential, with full jitter, and as long as the broker asks for. */
import { ByeError, type RestanteError } from '../../errors.ts';
import type { Reconnect } from '../../options.ts';

/**
 * The codes after which another attempt would end in the same way, those of the broker and those of the client. With
 * `retry` the broker says that it would not, and is believed.
 */
const FINAL = /^(NAME_(R|TOO)|OTHER|QUIT|TAKEN|AUTH|NO_T|CERT|WRONG)/;

/** Counts failures. */
export class BackOff {
  readonly #limits: Reconnect;
  readonly #random: () => number;
  #failures = 0;

  /** @param random from 0 to less than 1 */
  constructor(limits: Reconnect, random: () => number) {
    this.#limits = limits;
    this.#random = random;
  }

  /** Something was said on a connection: it is a good one. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** @returns milliseconds until the next attempt; undefined if there will be none */
  failed(reason: RestanteError): number | undefined {
    const { firstPauseMs, maxPauseMs, attempts } = this.#limits;
    if (this.#failures >= attempts || isFinal(reason)) return undefined;
    const longestMs = Math.min(maxPauseMs, firstPauseMs * 2 ** this.#failures++);
    // Many clients are told the same `retry`. So they come after it, and not all at once.
    const asked = reason instanceof ByeError ? (reason.retrySeconds ?? 0) : 0;
    return asked * 1000 + this.#random() * longestMs;
  }
}

/** Whether there is no use in another attempt. */
function isFinal(reason: RestanteError): boolean {
  return !(reason instanceof ByeError && reason.retrySeconds !== undefined) && FINAL.test(reason.code);
}
