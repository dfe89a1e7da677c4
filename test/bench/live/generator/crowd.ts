/**
 * The peers of a measurement: a closed loop, in which each sends when enough of what it has sent before is delivered.
 * Everything that happens for a message happens here, on buffers, without allocation.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { paced } from '../../../helpers/pace/pace.ts';
import { drained, gather } from '../../common/gather-and-drain.ts';
import type { Load } from '../job.ts';
import { Checker, NO_SENDER, type Wrong } from './checker.ts';
import { type Connection, openConnection } from './connection.ts';
import { Framing } from './framing.ts';
import { Outgoing } from './outgoing.ts';
import { nanoseconds, ticks, timeOf } from './payload.ts';
import type { Protocol } from './protocols/protocol.ts';
import { Route } from './route.ts';

/** How many peers come at a time. */
const COMING_AT_ONCE = 64;
/** Nothing that arrives for so long means that no more does. */
const STALLED_MS = paced(3_000);

export class Crowd implements Disposable {
  readonly latency: RecordableHistogram = createHistogram();
  /** Why no more can be measured: a connection ended. */
  broken: string | undefined;
  readonly #load: Load;
  readonly #protocol: Protocol;
  readonly #connections: Connection[] = [];
  readonly #outgoing: Outgoing[];
  readonly #sent: Int32Array;
  /** Deliveries of each peer's messages that have not come. */
  readonly #underWay: Int32Array;
  readonly #checker: Checker;
  /** A peer that has no more deliveries under way than these sends again. */
  readonly #sendAgainAt: number;
  #sending = false;
  #closing = false;
  #now = 0;

  constructor(protocol: Protocol, load: Load) {
    const { connections, fan, payloadBytes, window, batch } = load;
    const route = new Route(connections, fan, protocol.ring === true);
    this.#load = load;
    this.#protocol = protocol;
    this.#sent = new Int32Array(connections);
    this.#underWay = new Int32Array(connections);
    this.#sendAgainAt = (window - batch) * fan;
    this.#checker = new Checker(route, protocol.delivered, payloadBytes, this.#sent);
    this.#outgoing = Array.from(
      { length: connections },
      (_, peer) => new Outgoing(peer, route, protocol.sent, payloadBytes, batch, window),
    );
  }

  get delivered(): number {
    return this.#checker.delivered;
  }

  /** Lets all peers come. */
  gather(port: number): Promise<void> {
    return gather(this.#load.connections, COMING_AT_ONCE, async (peer) => {
      this.#connections[peer] = await this.#open(port, peer);
    });
  }

  start(): void {
    this.#sending = true;
    for (let peer = 0; peer < this.#load.connections; peer++) this.#say(peer);
  }

  /** Sends no more, and lets what is under way arrive. @returns what was wrong */
  async stop(): Promise<Wrong> {
    this.#sending = false;
    const anyUnderWay = () => this.#anyUnderWay();
    await drained({ anyUnderWay, moved: () => this.delivered, stalledMs: STALLED_MS });
    return this.#checker.finish();
  }

  [Symbol.dispose](): void {
    this.#closing = true;
    for (const connection of this.#connections) connection.close();
  }

  async #open(port: number, peer: number): Promise<Connection> {
    const framing = new Framing(this.#checker.frameBytes, this.#protocol.ping, {
      frame: (bytes, at) => this.#take(bytes, at, peer),
      ping: () => this.#answer(peer),
    });
    const onBytes = (bytes: Buffer, length: number) => {
      this.#now = ticks(performance.now());
      framing.feed(bytes, length);
    };
    return await openConnection(port, this.#protocol, peer, onBytes, (reason) => {
      if (!this.#closing) this.broken ??= `peer ${peer}: ${reason}`;
    });
  }

  #take(bytes: Buffer, at: number, receiver: number): void {
    const sender = this.#checker.take(bytes, at, receiver);
    if (sender === NO_SENDER) return;
    const took = this.#now - timeOf(bytes, at + this.#checker.payloadAt);
    this.latency.record(Math.max(1, nanoseconds(took)));
    this.#underWay[sender] = (this.#underWay[sender] as number) - 1;
    this.#say(sender);
  }

  #say(peer: number): void {
    const { batch, fan } = this.#load;
    while (this.#sending && (this.#underWay[peer] as number) <= this.#sendAgainAt) {
      const first = this.#sent[peer] as number;
      this.#sent[peer] = first + batch;
      this.#underWay[peer] = (this.#underWay[peer] as number) + batch * fan;
      const bytes = (this.#outgoing[peer] as Outgoing).build(first, ticks(performance.now()));
      this.#connections[peer]?.sending.write(bytes);
    }
  }

  #answer(peer: number): void {
    const { ping } = this.#protocol;
    if (ping !== undefined) this.#connections[peer]?.sending.write(ping.answer);
  }

  #anyUnderWay(): boolean {
    return this.broken === undefined && this.#underWay.some((deliveries) => deliveries > 0);
  }
}
