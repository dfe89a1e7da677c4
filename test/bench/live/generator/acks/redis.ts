/**
 * Redis Streams: a stream for each name, with a group of one consumer. One connection waits for messages, and
 * acknowledges all of an answer at once, in front of the next question; the other adds messages, and waits for none.
 */
import { decimalAt, endOfDigits, hasAt } from '../bytes.ts';
import { writePayload } from '../payload.ts';
import { ascii, each, nameOf } from '../protocols/protocol.ts';
import { array } from '../protocols/redis.ts';
import { type AckProtocol, type AckShape, type Ears, excerpt, type Speaker } from './speaker.ts';
import type { Wire } from './wire.ts';

const LF = 10;
const COLON = 58;
const DOLLAR = 36;
const CRLF = ascii('\r\n');
const ENTRY = ascii('*2\r\n');

class Client implements Speaker {
  readonly #peer: number;
  readonly #mail: Wire;
  readonly #adding: Wire;
  readonly #ears: Ears;
  readonly #payloadBytes: number;
  readonly #heads: readonly Buffer[];
  readonly #question: Buffer;
  readonly #answer: Buffer;
  /** What stands between the id of an entry and its payload. */
  readonly #field: Buffer;
  /** Entries of the answer that have not come. */
  #left = 0;
  /** The ids of those that have, as they are written in an XACK. */
  #ids: Buffer[] = [];
  readonly #acknowledged: number[] = [];
  #asked = false;
  #accepted = 0;

  constructor(peer: number, [mail, adding]: readonly Wire[], ears: Ears, shape: AckShape, heads: readonly Buffer[]) {
    this.#peer = peer;
    this.#mail = mail as Wire;
    this.#adding = adding as Wire;
    this.#ears = ears;
    this.#payloadBytes = shape.payloadBytes;
    this.#heads = heads;
    const count = String(shape.unacknowledged);
    const question = ['XREADGROUP', 'GROUP', 'g', 'c', 'COUNT', count, 'BLOCK', '0', 'STREAMS', nameOf(peer), '>'];
    this.#question = ascii(array(...question));
    this.#answer = ascii(`*1\r\n*2\r\n$7\r\n${nameOf(peer)}\r\n*`);
    this.#field = ascii(`*2\r\n$1\r\nd\r\n$${shape.payloadBytes}\r\n`);
    this.#mail.hear = (bytes, at, end) => this.#hearMail(bytes, at, end);
    this.#adding.hear = (bytes, at, end) => this.#hearIds(bytes, at, end);
  }

  begin(): void {
    this.#ask();
  }

  send(number: number, receiver: number, time: number): void {
    const head = this.#heads[receiver] as Buffer;
    const at = this.#adding.take(head.length + this.#payloadBytes + CRLF.length);
    const { out } = this.#adding;
    out.set(head, at);
    writePayload(out, at + head.length, this.#payloadBytes, this.#peer, number, time);
    out.set(CRLF, at + head.length + this.#payloadBytes);
  }

  acknowledge(): void {
    const count = this.#ids.length;
    if (count > 0) {
      this.#mail.put(ascii(`*${3 + count}\r\n$4\r\nXACK\r\n$7\r\n${nameOf(this.#peer)}\r\n$1\r\ng\r\n`));
      for (const id of this.#ids) this.#mail.put(id);
      this.#ids = [];
      this.#acknowledged.push(count);
    }
    if (!this.#asked) this.#ask();
  }

  flush(): void {
    this.#mail.flush();
    this.#adding.flush();
  }

  #ask(): void {
    this.#mail.put(this.#question);
    this.#asked = true;
  }

  #hearMail(bytes: Buffer, from: number, end: number): number {
    for (let at = from; ; ) {
      const next = this.#left > 0 ? this.#entry(bytes, at, end) : this.#reply(bytes, at, end);
      if (next === at) return at;
      at = next;
    }
  }

  /** The reply to an XACK, or the begin of an answer. @returns what follows; `at` if it is not whole */
  #reply(bytes: Buffer, at: number, end: number): number {
    if (at + this.#answer.length > end && !(at < end && bytes[at] === COLON)) return at;
    const numberAt = bytes[at] === COLON ? at + 1 : at + this.#answer.length;
    const lineEnd = bytes.indexOf(LF, numberAt) + 1;
    if (lineEnd === 0 || lineEnd > end) return at;
    const number = decimalAt(bytes, numberAt, endOfDigits(bytes, numberAt) - numberAt);
    if (bytes[at] === COLON) {
      if (number !== this.#acknowledged.shift()) this.#ears.strange(`an XACK was good for ${number}`);
    } else if (hasAt(bytes, at, this.#answer)) this.#left = number;
    else this.#ears.strange(excerpt(bytes, at, lineEnd));
    return lineEnd;
  }

  #entry(bytes: Buffer, at: number, end: number): number {
    const idAt = at + ENTRY.length;
    const idEnd = this.#idEnd(bytes, idAt, end);
    const payload = idEnd + this.#field.length;
    const next = payload + this.#payloadBytes + CRLF.length;
    if (idEnd === idAt || next > end) return at;
    if (hasAt(bytes, at, ENTRY) && hasAt(bytes, idEnd, this.#field)) {
      this.#ids.push(Buffer.from(bytes.subarray(idAt, idEnd)));
      this.#ears.message(bytes, payload);
    } else this.#ears.strange(excerpt(bytes, at, next));
    this.#left--;
    if (this.#left === 0) this.#asked = false;
    return next;
  }

  /** The replies to XADD, in order. */
  #hearIds(bytes: Buffer, from: number, end: number): number {
    for (let at = from; ; ) {
      const next = this.#idEnd(bytes, at, end);
      if (next === at) return at;
      if (bytes[at] === DOLLAR) this.#ears.accepted(this.#accepted++);
      else this.#ears.strange(excerpt(bytes, at, next));
      at = next;
    }
  }

  /** @returns where the id that begins at `at` ends; `at` if it is not whole */
  #idEnd(bytes: Buffer, at: number, end: number): number {
    const textAt = bytes.indexOf(LF, at) + 1;
    if (textAt === 0 || textAt > end) return at;
    const size = decimalAt(bytes, at + 1, endOfDigits(bytes, at + 1) - at - 1);
    const next = textAt + size + CRLF.length;
    return next > end ? at : next;
  }
}

/** Streams, for peers of this shape. */
export function redisAcks(shape: AckShape): AckProtocol {
  const { connections, payloadBytes } = shape;
  const heads = each(
    connections,
    (peer) => `*5\r\n$4\r\nXADD\r\n$7\r\n${nameOf(peer)}\r\n$1\r\n*\r\n$1\r\nd\r\n$${payloadBytes}\r\n`,
  );
  const create = (peer: number) => array('XGROUP', 'CREATE', nameOf(peer), 'g', '$', 'MKSTREAM');
  return {
    wires: (peer) => [[{ say: create(peer), until: /^\+OK\r\n/ }], []],
    speaker: (peer, wires, ears) => new Client(peer, wires, ears, shape, heads),
  };
}
