/** Peers that chat while others cause faults. They measure how long messages take and how many arrive. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LedgerPeer, Peers } from './peer.ts';

/** Two peers. One sends a message, the other answers, again and again. */
export class PingPong {
  readonly #ping: LedgerPeer;
  readonly #pong: LedgerPeer;
  readonly #roundTrips: number[] = [];
  readonly #done: Promise<void>;
  #stopAt = Number.POSITIVE_INFINITY;

  private constructor(ping: LedgerPeer, pong: LedgerPeer, pauseMs: number) {
    this.#ping = ping;
    this.#pong = pong;
    this.#done = this.#play(pauseMs);
  }

  /** Starts two peers, `NAME-ping` and `NAME-pong`. */
  static async start(peers: Peers, port: number, name: string, pauseMs = 1): Promise<PingPong> {
    const [ping, pong] = await peers.back(port, [`${name}-ping`, `${name}-pong`]);
    if (ping === undefined || pong === undefined) throw new Error('two came, and one is missing');
    return new PingPong(ping, pong, pauseMs);
  }

  /** Round trips so far. */
  get trips(): number {
    return this.#roundTrips.length;
  }

  /** Stops after so many more round trips. @returns the milliseconds of every round trip, sorted */
  async stop(more = 0): Promise<readonly number[]> {
    this.#stopAt = this.#roundTrips.length + more;
    await this.#done;
    return this.#roundTrips.sort((a, b) => a - b);
  }

  async #play(pauseMs: number): Promise<void> {
    while (this.#roundTrips.length < this.#stopAt) {
      const before = performance.now();
      this.#ping.send([this.#pong.name]);
      await this.#pong.more();
      this.#pong.send([this.#ping.name]);
      await this.#ping.more();
      this.#roundTrips.push(performance.now() - before);
      if (pauseMs > 0) await sleep(pauseMs);
    }
  }
}

/** The quantile of sorted values: `part` of them are below it. */
export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}
