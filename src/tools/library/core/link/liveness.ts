/**
 * Whether the broker is still there. The broker pings when it has been silent for `ping` seconds. After two such
 * intervals without a word the client asks with a ping of its own, and after a third it counts the connection as
 * broken. The third begins with the ping, so that a program that was stopped for long does not judge by a clock alone.
 */
import type { Clock } from '../../waits/clock.ts';

/** Until the broker has said its own. */
const DEFAULT_PING_SECONDS = 25;
const ASK_AFTER_INTERVALS = 2;

interface Host {
  ping(): void;
  silent(intervalMs: number): void;
}

/** Watches one connection after another. */
export class Liveness {
  readonly #clock: Clock;
  readonly #host: Host;
  #intervalMs = DEFAULT_PING_SECONDS * 1000;
  #heardAt = 0;
  #cancel: (() => void) | undefined;

  constructor(clock: Clock, host: Host) {
    this.#clock = clock;
    this.#host = host;
  }

  /** A connection begins, or its broker has said its interval. */
  start(pingSeconds = DEFAULT_PING_SECONDS): void {
    this.#intervalMs = (pingSeconds > 0 ? pingSeconds : DEFAULT_PING_SECONDS) * 1000;
    this.heard();
    this.#watch();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  #watch(): void {
    this.stop();
    const silentMs = this.#clock.now() - this.#heardAt;
    const leftMs = ASK_AFTER_INTERVALS * this.#intervalMs - silentMs;
    if (leftMs > 0) this.#cancel = this.#clock.startTimer(leftMs, () => this.#watch());
    else this.#ask();
  }

  #ask(): void {
    const askedAt = this.#clock.now();
    this.#host.ping();
    this.#cancel = this.#clock.startTimer(this.#intervalMs, () => {
      if (this.#heardAt >= askedAt) this.#watch();
      else this.#host.silent(this.#intervalMs);
    });
  }
}
