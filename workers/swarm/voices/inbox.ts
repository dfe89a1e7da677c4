/**
 * What a program of the swarm gets, over all its connections. It works off each message once: it remembers the last seq
 * that it has worked off, and drops what comes again. What is checked:
 * 1. A seq is one more than the seq before it. The first of a connection is one more than the `last` of the welcome.
 * 2. What comes again is marked `redelivered`.
 * 3. No more messages than the window are unacknowledged.
 */

export class Inbox {
  readonly #window: number;
  readonly #violated: (what: string) => void;
  /** Undefined until the first connection. */
  #workedOff: number | undefined;
  /** The last seq of this connection, and how many messages of it are not acknowledged. */
  #received = 0;
  #unacknowledged = 0;

  /** @param violated is told, as the end of a sentence, what must not be */
  constructor(window: number, violated: (what: string) => void) {
    this.#window = window;
    this.#violated = violated;
  }

  /** A connection begins. @param last the last seq that does not wait, as the broker says */
  open(last: number): void {
    this.#workedOff ??= last;
    if (last > this.#workedOff) this.#violated(`has worked off ${this.#workedOff}, and is welcome behind ${last}`);
    this.#received = last;
    this.#unacknowledged = 0;
  }

  /** A message has come. @returns whether it is to be worked off; it counts as worked off then */
  take(seq: number, redelivered: boolean): boolean {
    if (seq !== this.#received + 1) this.#violated(`got seq ${seq} behind ${this.#received}`);
    this.#received = seq;
    this.#unacknowledged++;
    if (this.#unacknowledged > this.#window) {
      this.#violated(`got ${this.#unacknowledged} messages without an acknowledgement, in a window of ${this.#window}`);
    }
    const workedOff = this.#workedOff ?? 0;
    if (seq > workedOff) {
      this.#workedOff = seq;
      return true;
    }
    if (!redelivered) this.#violated(`got seq ${seq} again, and not as redelivered`);
    return false;
  }

  /** Acknowledges everything. @returns the seq to acknowledge; undefined if there is none */
  acknowledge(): number | undefined {
    if (this.#unacknowledged === 0) return undefined;
    this.#unacknowledged = 0;
    return this.#received;
  }
}
