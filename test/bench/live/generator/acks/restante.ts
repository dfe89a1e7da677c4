/**
 * Our JSON, by programs that acknowledge. Each message has an id, so that its sender is told. A receiver acknowledges
 * once a turn, as the client library does: that is for all that it has got.
 */
import { ANY, decimalAt, endOfDigits, hasAt, putDecimal } from '../bytes.ts';
import { numberOf, senderOf, writePayload } from '../payload.ts';
import { ascii, each, nameOf } from '../protocols/protocol.ts';
import { type AckProtocol, type AckShape, type Ears, excerpt, type Speaker } from './speaker.ts';
import type { Wire } from './wire.ts';

const LF = 10;
const ID_DIGITS = 7;
const ANY_ID = ANY.repeat(ID_DIGITS);
const ANY_NAME = `p${ANY.repeat(6)}`;
const SEND = '{"type":"send","id":"';
const MESSAGE = ascii('{"type":"message","seq":');
/** Behind the seq. */
const FROM = ascii(`,"from":"${ANY_NAME}","id":"${ANY_ID}","time":${ANY.repeat(13)},"body":"`);
const SENDER_AT = ',"from":"p'.length;
const ID_AT = `,"from":"${ANY_NAME}","id":"`.length;
const ACCEPTED_ID_AT = '{"type":"accepted","id":"'.length;
const PING = ascii('{"type":"ping"}\n');
const PONG = ascii('{"type":"pong"}\n');
const ACK = ascii('{"type":"ack","seq":');
const END = ascii('}\n');
const BODY_END = ascii('"}\n');
/** A message that waited in the mailbox, or on disk. */
const HELD_END = ascii('","held":true}\n');

class Program implements Speaker {
  readonly #peer: number;
  readonly #wire: Wire;
  readonly #ears: Ears;
  readonly #shape: AckShape;
  readonly #heads: readonly Buffer[];
  readonly #accepted: Buffer;
  /** The digits of the last seq; none if it is acknowledged. */
  #seq = Buffer.alloc(0);

  constructor(peer: number, wire: Wire, ears: Ears, shape: AckShape, heads: readonly Buffer[]) {
    this.#peer = peer;
    this.#wire = wire;
    this.#ears = ears;
    this.#shape = shape;
    this.#heads = heads;
    const outcome = shape.durable ? 'held' : 'taken';
    const to = `{"${ANY_NAME}":"${outcome}"}`;
    this.#accepted = ascii(`{"type":"accepted","id":"${ANY_ID}","to":${to},"duplicate":false}\n`);
    wire.hear = (bytes, at, end) => this.#hear(bytes, at, end);
  }

  begin(): void {}

  send(number: number, receiver: number, time: number): void {
    const head = this.#heads[receiver] as Buffer;
    const { payloadBytes } = this.#shape;
    const at = this.#wire.take(head.length + payloadBytes + BODY_END.length);
    const { out } = this.#wire;
    out.set(head, at);
    putDecimal(out, at + SEND.length, ID_DIGITS, number);
    writePayload(out, at + head.length, payloadBytes, this.#peer, number, time);
    out.set(BODY_END, at + head.length + payloadBytes);
  }

  acknowledge(): void {
    if (this.#seq.length === 0) return;
    this.#wire.put(ACK);
    this.#wire.put(this.#seq);
    this.#wire.put(END);
    this.#seq = this.#seq.subarray(0, 0);
  }

  flush(): void {
    this.#wire.flush();
  }

  #hear(bytes: Buffer, from: number, end: number): number {
    for (let at = from; ; ) {
      const lineEnd = bytes.indexOf(LF, at) + 1;
      if (lineEnd === 0 || lineEnd > end) return at;
      if (hasAt(bytes, at, MESSAGE)) this.#message(bytes, at, lineEnd);
      else if (lineEnd - at === this.#accepted.length && hasAt(bytes, at, this.#accepted)) {
        this.#ears.accepted(decimalAt(bytes, at + ACCEPTED_ID_AT, ID_DIGITS));
      } else if (hasAt(bytes, at, PING)) {
        this.#wire.put(PONG);
        this.#ears.due();
      } else this.#ears.strange(excerpt(bytes, at, lineEnd));
      at = lineEnd;
    }
  }

  #message(bytes: Buffer, at: number, lineEnd: number): void {
    const seqAt = at + MESSAGE.length;
    const seqEnd = endOfDigits(bytes, seqAt);
    const payload = seqEnd + FROM.length;
    const tail = payload + this.#shape.payloadBytes;
    const end = lineEnd - tail === BODY_END.length ? BODY_END : HELD_END;
    const isWhole = tail + end.length === lineEnd && hasAt(bytes, seqEnd, FROM) && hasAt(bytes, tail, end);
    if (!isWhole || !isFromWhoItSays(bytes, seqEnd, payload)) {
      this.#ears.strange(excerpt(bytes, at, lineEnd));
      return;
    }
    this.#seq = Buffer.from(bytes.subarray(seqAt, seqEnd));
    this.#ears.message(bytes, payload);
  }
}

/** Whether the broker names the sender and the id that stand in the payload. */
function isFromWhoItSays(bytes: Buffer, seqEnd: number, payload: number): boolean {
  return (
    decimalAt(bytes, seqEnd + SENDER_AT, 6) === senderOf(bytes, payload) &&
    decimalAt(bytes, seqEnd + ID_AT, ID_DIGITS) === numberOf(bytes, payload)
  );
}

/** Programs that acknowledge, for peers of this shape. */
export function restanteAcks(shape: AckShape): AckProtocol {
  const durable = shape.durable ? ',"durable":true' : '';
  const id = '0'.repeat(ID_DIGITS);
  const heads = each(shape.connections, (peer) => `${SEND}${id}","to":"${nameOf(peer)}"${durable},"body":"`);
  const hello = (peer: number) =>
    JSON.stringify({ type: 'hello', v: 1, name: nameOf(peer), ack: true, window: shape.unacknowledged });
  return {
    wires: (peer) => [[{ say: `${hello(peer)}\n`, until: /^\{"type":"welcome".*\n/ }]],
    speaker: (peer, [wire], ears) => new Program(peer, wire as Wire, ears, shape, heads),
  };
}
