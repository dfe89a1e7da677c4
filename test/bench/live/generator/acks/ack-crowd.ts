/**
 * The peers of a measurement in which messages are acknowledged at both ends. It is a closed loop: a message is under
 * way until its sender has been told that it is accepted, and its receiver has acknowledged it. What a peer has to
 * write in a turn of the event loop, acknowledgements first, is one write.
 */
import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { paced } from '../../../../helpers/pace/pace.ts';
import { drained, gather } from '../../../common/gather-and-drain.ts';
import type { Load } from '../../job.ts';
import { Checker, NO_SENDER, type Wrong } from '../checker.ts';
import { nanoseconds, ticks, timeOf } from '../payload.ts';
import { Route } from '../route.ts';
import { Accepted } from './accepted.ts';
import type { AckProtocol, Speaker } from './speaker.ts';
import { Wire } from './wire.ts';

/** How many peers come at a time. */
const COMING_AT_ONCE = 16;
/** Nothing that arrives for so long means that no more does. */
const STALLED_MS = paced(5_000);

export class AckCrowd implements Disposable {
  readonly latency: RecordableHistogram = createHistogram();
  /** Why no more can be measured: a connection ended, or said what nobody had asked. */
  broken: string | undefined;
  readonly #load: Load;
  readonly #protocol: AckProtocol;
  readonly #route: Route;
  readonly #wires: Wire[] = [];
  readonly #speakers: Speaker[] = [];
  readonly #sent: Int32Array;
  /** Messages of each sender that have come to their receivers. */
  readonly #arrived: Int32Array;
  readonly #accepted: Accepted;
  readonly #checker: Checker;
  /** Peers that have something to do at the end of this turn. */
  readonly #due: number[] = [];
  readonly #isDue: Uint8Array;
  /** When the messages were sent that each peer acknowledges at the end of this turn. */
  readonly #times: number[][];
  #sending = false;
  #closing = false;

  constructor(protocol: AckProtocol, load: Load) {
    const { connections, payloadBytes } = load;
    this.#load = load;
    this.#protocol = protocol;
    this.#route = new Route(connections, 1);
    this.#sent = new Int32Array(connections);
    this.#arrived = new Int32Array(connections);
    this.#accepted = new Accepted(this.#sent);
    // What stands around a payload is looked at by who reads it.
    const nothing = { heads: Array.from(this.#sent, () => Buffer.alloc(0)), headOf: 'group', tail: Buffer.alloc(0) };
    this.#checker = new Checker(this.#route, { ...nothing, headOf: 'group' }, payloadBytes, this.#sent);
    this.#isDue = new Uint8Array(connections);
    this.#times = Array.from({ length: connections }, () => []);
  }

  get delivered(): number {
    return this.#checker.delivered;
  }

  /** Lets all peers come. */
  gather(port: number): Promise<void> {
    return gather(this.#load.connections, COMING_AT_ONCE, async (peer) => {
      this.#speakers[peer] = await this.#open(port, peer);
    });
  }

  start(): void {
    this.#sending = true;
    for (const [peer, speaker] of this.#speakers.entries()) {
      speaker.begin();
      this.#mark(peer);
    }
  }

  /** Sends no more, and lets what is under way arrive. @returns what was wrong */
  async stop(): Promise<Wrong> {
    this.#sending = false;
    const anyUnderWay = () => this.#anyUnderWay();
    await drained({ anyUnderWay, moved: () => this.delivered + this.#accepted.total, stalledMs: STALLED_MS });
    const wrong = this.#checker.finish();
    const untold = this.#accepted.wrongWords();
    wrong.lost += untold.length;
    wrong.examples.push(...untold.slice(0, 1));
    return wrong;
  }

  [Symbol.dispose](): void {
    this.#closing = true;
    for (const wire of this.#wires) wire.close();
  }

  async #open(port: number, peer: number): Promise<Speaker> {
    const fail = (reason: string) => {
      if (!this.#closing) this.broken ??= `peer ${peer}: ${reason}`;
    };
    const wires: Wire[] = [];
    for (const steps of this.#protocol.wires(peer)) {
      const wire = await Wire.open(port, steps, fail);
      wires.push(wire);
      this.#wires.push(wire);
    }
    return this.#protocol.speaker(peer, wires, {
      message: (bytes, at) => this.#take(bytes, at, peer),
      accepted: (number) => {
        if (!this.#accepted.take(peer, number)) fail(`message ${number} was accepted, and not sent`);
        this.#mark(peer);
      },
      due: () => this.#mark(peer),
      strange: fail,
    });
  }

  #take(bytes: Buffer, at: number, receiver: number): void {
    this.#mark(receiver);
    const sender = this.#checker.take(bytes, at, receiver);
    if (sender === NO_SENDER) return;
    (this.#times[receiver] as number[]).push(timeOf(bytes, at));
    this.#arrived[sender] = (this.#arrived[sender] as number) + 1;
    this.#mark(sender);
  }

  #mark(peer: number): void {
    if (this.#isDue[peer] === 1) return;
    this.#isDue[peer] = 1;
    if (this.#due.push(peer) === 1) setImmediate(() => this.#endTurn());
  }

  #endTurn(): void {
    for (const peer of this.#due) {
      this.#isDue[peer] = 0;
      const speaker = this.#speakers[peer] as Speaker;
      speaker.acknowledge();
      if (this.#sending && this.#maySend(peer)) this.#say(peer, speaker);
      speaker.flush();
      this.#record(this.#times[peer] as number[]);
    }
    this.#due.length = 0;
  }

  /** From just before the write of a message to just after that of its acknowledgement. */
  #record(times: number[]): void {
    if (times.length === 0) return;
    const now = ticks(performance.now());
    for (const time of times) this.latency.record(Math.max(1, nanoseconds(now - time)));
    times.length = 0;
  }

  #maySend(peer: number): boolean {
    const { senders = this.#load.connections, window, batch } = this.#load;
    return peer < senders && this.#underWay(peer) <= window - batch;
  }

  #say(peer: number, speaker: Speaker): void {
    const time = ticks(performance.now());
    do {
      for (let i = 0; i < this.#load.batch; i++) {
        const number = this.#sent[peer] as number;
        this.#sent[peer] = number + 1;
        speaker.send(number, this.#route.group(peer, number), time);
      }
    } while (this.#maySend(peer));
  }

  #underWay(peer: number): number {
    return (this.#sent[peer] as number) - Math.min(this.#arrived[peer] as number, this.#accepted.of(peer));
  }

  #anyUnderWay(): boolean {
    return this.broken === undefined && this.#sent.some((_, peer) => this.#underWay(peer) > 0);
  }
}
