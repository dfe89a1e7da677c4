/**
 * MQTT 3.1.1 with quality of service 1 or 2, and sessions that outlive their connections. With 1 a message is accepted
 * with its PUBACK, with 2 with its PUBCOMP; its receiver acknowledges it with a PUBACK, or with the PUBREC.
 */
import { hasAt } from '../bytes.ts';
import { writePayload } from '../payload.ts';
import { connectPacket, lengthOf, subscribePacket, text } from '../protocols/mqtt.ts';
import { nameOf } from '../protocols/protocol.ts';
import { type AckProtocol, type AckShape, type Ears, excerpt, type Speaker } from './speaker.ts';
import type { Wire } from './wire.ts';

const PUBLISH = 0x30;
const PUBACK = 0x40;
const PUBREC = 0x50;
const PUBREL = 0x62;
const PUBCOMP = 0x70;
const ID_BYTES = 2;
/** An id of 0 is not allowed. */
const IDS = 65_535;

type Quality = 1 | 2;

class Client implements Speaker {
  readonly #peer: number;
  readonly #wire: Wire;
  readonly #ears: Ears;
  readonly #payloadBytes: number;
  readonly #quality: Quality;
  readonly #heads: readonly Buffer[];
  /** Its last number. */
  #last = -1;

  constructor(peer: number, wire: Wire, ears: Ears, payloadBytes: number, quality: Quality, heads: readonly Buffer[]) {
    this.#peer = peer;
    this.#wire = wire;
    this.#ears = ears;
    this.#payloadBytes = payloadBytes;
    this.#quality = quality;
    this.#heads = heads;
    wire.hear = (bytes, at, end) => this.#hear(bytes, at, end);
  }

  begin(): void {}

  send(number: number, receiver: number, time: number): void {
    const head = this.#heads[receiver] as Buffer;
    const at = this.#wire.take(head.length + ID_BYTES + this.#payloadBytes);
    const { out } = this.#wire;
    out.set(head, at);
    const id = 1 + (number % IDS);
    out[at + head.length] = id >> 8;
    out[at + head.length + 1] = id & 255;
    writePayload(out, at + head.length + ID_BYTES, this.#payloadBytes, this.#peer, number, time);
    this.#last = number;
  }

  /** Each message was answered as it came. */
  acknowledge(): void {}

  flush(): void {
    this.#wire.flush();
  }

  #hear(bytes: Buffer, from: number, end: number): number {
    const own = this.#heads[this.#peer] as Buffer;
    const publishBytes = own.length + ID_BYTES + this.#payloadBytes;
    for (let at = from; ; ) {
      const isPublish = ((bytes[at] as number) & 0xf0) === PUBLISH;
      const size = isPublish ? publishBytes : 2 + ID_BYTES;
      if (at + size > end) return at;
      if (!isPublish) this.#answer(bytes, at);
      else if (hasAt(bytes, at, own)) {
        this.#put(this.#quality === 1 ? PUBACK : PUBREC, bytes, at + own.length);
        this.#ears.message(bytes, at + own.length + ID_BYTES);
      } else this.#ears.strange(excerpt(bytes, at, at + size));
      at += size;
    }
  }

  #answer(bytes: Buffer, at: number): void {
    const type = bytes[at];
    if (type === (this.#quality === 1 ? PUBACK : PUBCOMP)) this.#ears.accepted(this.#numberOf(bytes, at + 2));
    else if (type === PUBREC) this.#put(PUBREL, bytes, at + 2);
    else if (type === PUBREL) this.#put(PUBCOMP, bytes, at + 2);
    else this.#ears.strange(excerpt(bytes, at, at + 4));
  }

  /** The newest number that has the id at `at`. */
  #numberOf(bytes: Buffer, at: number): number {
    const id = (((bytes[at] as number) << 8) | (bytes[at + 1] as number)) - 1;
    return this.#last - ((((this.#last - id) % IDS) + IDS) % IDS);
  }

  #put(type: number, bytes: Buffer, idAt: number): void {
    const at = this.#wire.take(4);
    const { out } = this.#wire;
    out[at] = type;
    out[at + 1] = 2;
    out[at + 2] = bytes[idAt] as number;
    out[at + 3] = bytes[idAt + 1] as number;
    this.#ears.due();
  }
}

/** Clients of this quality of service, for peers of this shape. */
export function mqttAcks(quality: Quality): (shape: AckShape) => AckProtocol {
  return ({ connections, payloadBytes }) => {
    const heads = Array.from({ length: connections }, (_, peer) => {
      const topic = text(nameOf(peer));
      const length = lengthOf(topic.length + ID_BYTES + payloadBytes);
      return Buffer.concat([Buffer.of(PUBLISH | (quality << 1)), length, topic]);
    });
    const come = (peer: number) => {
      const name = nameOf(peer);
      return Buffer.concat([connectPacket(name, 'session'), subscribePacket(name, quality)]);
    };
    // CONNACK, and SUBACK with the quality that was asked for.
    const until = new RegExp(`^\\x20\\x02\\x00\\x00\\x90\\x03\\x00\\x01\\x0${quality}`);
    return {
      wires: (peer) => [[{ say: come(peer), until }]],
      speaker: (peer, [wire], ears) => new Client(peer, wire as Wire, ears, payloadBytes, quality, heads),
    };
  };
}
