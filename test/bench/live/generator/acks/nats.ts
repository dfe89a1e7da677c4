/**
 * NATS JetStream as it was the fastest: a stream for each name, in memory or in files, that keeps what is acknowledged,
 * and a consumer on it that the server pushes to. A message is accepted with the answer to its publication. A receiver
 * acknowledges once a turn, for all that it has got.
 */
import { decimalAt, endOfDigits, hasAt } from '../bytes.ts';
import { writePayload } from '../payload.ts';
import { ascii, each, nameOf } from '../protocols/protocol.ts';
import { type AckProtocol, type AckShape, type Ears, excerpt, type Speaker } from './speaker.ts';
import type { Step, Wire } from './wire.ts';

const LF = 10;
const PING = ascii('PING\r\n');
const PONG = ascii('PONG\r\n');
const PUB = ascii('PUB ');
const ACK = ascii(' 4\r\n+ACK\r\n');
const CRLF = ascii('\r\n');
/** The answer to a publication names the stream, and so the receiver. */
const TAKEN = ascii('{"stream":"Sp');
const DIGITS = 6;
const MAX_REPLY_BYTES = 256;

class Client implements Speaker {
  readonly #peer: number;
  readonly #wire: Wire;
  readonly #ears: Ears;
  readonly #payloadBytes: number;
  readonly #heads: readonly Buffer[];
  readonly #answer: Buffer;
  readonly #mail: Buffer;
  /** Numbers that are not answered, of each receiver: a stream answers in order, and two streams in any. */
  readonly #waiting: readonly number[][];
  /** Where the last message is acknowledged, and with it all before it. */
  readonly #reply = Buffer.allocUnsafeSlow(MAX_REPLY_BYTES);
  #replyBytes = 0;

  constructor(peer: number, wire: Wire, ears: Ears, payloadBytes: number, heads: readonly Buffer[]) {
    this.#peer = peer;
    this.#wire = wire;
    this.#ears = ears;
    this.#payloadBytes = payloadBytes;
    this.#heads = heads;
    this.#answer = ascii(`MSG ${inboxOf(peer)} 1 `);
    this.#mail = ascii(`MSG ${subjectOf(peer)} 2 `);
    this.#waiting = heads.map(() => []);
    wire.hear = (bytes, at, end) => this.#hear(bytes, at, end);
  }

  begin(): void {}

  send(number: number, receiver: number, time: number): void {
    const head = this.#heads[receiver] as Buffer;
    const inbox = this.#answer.length - 'MSG  1 '.length;
    const size = ` ${this.#payloadBytes}\r\n`;
    const at = this.#wire.take(head.length + this.#payloadBytes + CRLF.length);
    const { out } = this.#wire;
    out.set(head, at);
    // The head is the same for all senders but for the inbox.
    this.#answer.copy(out, at + head.length - size.length - inbox, 'MSG '.length, 'MSG '.length + inbox);
    writePayload(out, at + head.length, this.#payloadBytes, this.#peer, number, time);
    out.set(CRLF, at + head.length + this.#payloadBytes);
    (this.#waiting[receiver] as number[]).push(number);
  }

  acknowledge(): void {
    if (this.#replyBytes === 0) return;
    const at = this.#wire.take(PUB.length + this.#replyBytes + ACK.length);
    const { out } = this.#wire;
    out.set(PUB, at);
    this.#reply.copy(out, at + PUB.length, 0, this.#replyBytes);
    out.set(ACK, at + PUB.length + this.#replyBytes);
    this.#replyBytes = 0;
  }

  flush(): void {
    this.#wire.flush();
  }

  #hear(bytes: Buffer, from: number, end: number): number {
    for (let at = from; ; ) {
      const bodyAt = bytes.indexOf(LF, at) + 1;
      if (bodyAt === 0 || bodyAt > end) return at;
      if (hasAt(bytes, at, PING)) {
        this.#wire.put(PONG);
        this.#ears.due();
        at = bodyAt;
        continue;
      }
      const sizeAt = lastWordAt(bytes, bodyAt - CRLF.length);
      const size = decimalAt(bytes, sizeAt, endOfDigits(bytes, sizeAt) - sizeAt);
      const next = bodyAt + size + CRLF.length;
      if (next > end) return at;
      if (hasAt(bytes, at, this.#mail) && size === this.#payloadBytes) {
        this.#replyBytes = bytes.copy(this.#reply, 0, at + this.#mail.length, sizeAt - 1);
        this.#ears.message(bytes, bodyAt);
      } else if (hasAt(bytes, at, this.#answer) && hasAt(bytes, bodyAt, TAKEN)) this.#accepted(bytes, bodyAt);
      else this.#ears.strange(excerpt(bytes, at, next));
      at = next;
    }
  }

  #accepted(bytes: Buffer, at: number): void {
    const number = this.#waiting[decimalAt(bytes, at + TAKEN.length, DIGITS)]?.shift();
    this.#ears.accepted(number ?? -1);
  }
}

/** Where the last word of a line begins. */
function lastWordAt(bytes: Buffer, lineEnd: number): number {
  const SPACE = 32;
  let at = lineEnd;
  while (bytes[at - 1] !== SPACE) at--;
  return at;
}

function subjectOf(peer: number): string {
  return `m.${nameOf(peer)}`;
}

function inboxOf(peer: number): string {
  return `_I.${nameOf(peer)}`;
}

/** How a peer comes, and has its stream and its consumer made. */
function stepsOf(peer: number, { durable, unacknowledged }: AckShape): Step[] {
  const stream = `S${nameOf(peer)}`;
  const ask = (what: string, request: object) => {
    const text = JSON.stringify(request);
    return `PUB $JS.API.${what} ${inboxOf(peer)} ${text.length}\r\n${text}\r\n`;
  };
  const config = {
    durable_name: 'C',
    deliver_subject: `d.${nameOf(peer)}`,
    ack_policy: 'all',
    max_ack_pending: unacknowledged,
  };
  const hello = `CONNECT {"verbose":false,"pedantic":false}\r\nSUB ${inboxOf(peer)} 1\r\nSUB d.${nameOf(peer)} 2\r\n`;
  const storage = durable ? 'file' : 'memory';
  return [
    { say: `${hello}PING\r\n`, until: /PONG\r\n/ },
    {
      say: ask(`STREAM.CREATE.${stream}`, {
        name: stream,
        subjects: [subjectOf(peer)],
        storage,
        retention: 'limits',
      }),
      until: /stream_create_response","config.*\r\n/,
    },
    {
      say: ask(`CONSUMER.DURABLE.CREATE.${stream}.C`, { stream_name: stream, config }),
      until: /consumer_create_response","stream_name.*\r\n/,
    },
  ];
}

/** JetStream, for peers of this shape. */
export function natsAcks(shape: AckShape): AckProtocol {
  const { connections, payloadBytes } = shape;
  const heads = each(connections, (peer) => `PUB ${subjectOf(peer)} ${inboxOf(0)} ${payloadBytes}\r\n`);
  return {
    wires: (peer) => [stepsOf(peer, shape)],
    speaker: (peer, [wire], ears) => new Client(peer, wire as Wire, ears, payloadBytes, heads),
  };
}
