/** A peer's messages, built in memory that is used again when all of it has been delivered. */
import { writePayload } from './payload.ts';
import type { Envelope } from './protocols/protocol.ts';
import type { Route } from './route.ts';

export class Outgoing {
  readonly #sender: number;
  readonly #route: Route;
  readonly #envelope: Envelope;
  readonly #payloadBytes: number;
  readonly #batch: number;
  readonly #writes: readonly Buffer[];
  #turn = 0;

  /**
   * @param underWay messages under way at most. One write more than they are has memory of its own: while a write is
   *   not
   * delivered in full, there are never so many behind it.
   */
  constructor(sender: number, route: Route, envelope: Envelope, payloadBytes: number, batch: number, underWay: number) {
    this.#sender = sender;
    this.#route = route;
    this.#envelope = envelope;
    this.#payloadBytes = payloadBytes;
    this.#batch = batch;
    const bytes = batch * ((envelope.heads[0]?.length ?? 0) + payloadBytes + envelope.tail.length);
    this.#writes = Array.from({ length: Math.floor(underWay / batch) + 1 }, () => Buffer.allocUnsafeSlow(bytes));
  }

  /** The next messages, from number `first` on. */
  build(first: number, time: number): Buffer {
    const bytes = this.#writes[this.#turn] as Buffer;
    this.#turn = (this.#turn + 1) % this.#writes.length;
    const { heads, headOf, tail } = this.#envelope;
    let at = 0;
    for (let number = first; number < first + this.#batch; number++) {
      const head = heads[headOf === 'sender' ? this.#sender : this.#route.group(this.#sender, number)] as Buffer;
      bytes.set(head, at);
      at += head.length;
      writePayload(bytes, at, this.#payloadBytes, this.#sender, number, time);
      at += this.#payloadBytes;
      bytes.set(tail, at);
      at += tail.length;
    }
    return bytes;
  }
}
