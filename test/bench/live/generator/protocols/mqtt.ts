/** MQTT 3.1.1 with quality of service 0. A PUBLISH is delivered as it was sent. */
import { ascii, nameOf, type Protocol, type Shape, subjectOf } from './protocol.ts';

const CONNECT = 0x10;
const PUBLISH = 0x30;
const SUBSCRIBE = 0x82;
/** Protocol MQTT, level 4, then flags, and no keep-alive (section 3.1.2). */
const CONNECT_HEAD = (flags: number) => Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, flags, 0, 0]);
/** A clean session, which ends with its connection; or one that does not. */
const FLAGS = { clean: 2, session: 0 };
const PACKET_ID = Buffer.from([0, 1]);
/** CONNACK and SUBACK, both saying yes. */
const WELCOME = Buffer.from([0x20, 2, 0, 0, 0x90, 3, 0, 1, 0]);

/** Seven bits a byte, the lowest first (section 2.2.3). */
export function lengthOf(bytes: number): Buffer {
  const digits: number[] = [];
  let rest = bytes;
  do {
    digits.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.from(digits);
}

/** A string, its length in two bytes before it (section 1.5.3). */
export function text(value: string): Buffer {
  return Buffer.concat([Buffer.from([value.length >> 8, value.length & 255]), ascii(value)]);
}

function packet(type: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type]), lengthOf(body.length), body]);
}

/** A client comes. */
export function connectPacket(name: string, kind: keyof typeof FLAGS): Buffer {
  return packet(CONNECT, CONNECT_HEAD(FLAGS[kind]), text(name));
}

/** It wants what is published under a topic, with this quality of service at most. */
export function subscribePacket(topic: string, quality: 0 | 1 | 2): Buffer {
  return packet(SUBSCRIBE, PACKET_ID, text(topic), Buffer.of(quality));
}

/** One topic a group, for peers of this shape. */
export function mqtt({ connections, fan, payloadBytes }: Shape): Protocol {
  const topics = Array.from({ length: connections / fan }, (_, group) => text(nameOf(group)));
  const heads = topics.map((topic) =>
    Buffer.concat([Buffer.from([PUBLISH]), lengthOf(topic.length + payloadBytes), topic]),
  );
  const publish = { heads, headOf: 'group' as const, tail: Buffer.alloc(0) };
  return {
    sent: publish,
    delivered: publish,
    greeting: (peer) => Buffer.concat([connectPacket(nameOf(peer), 'clean'), subscribePacket(subjectOf(peer, fan), 0)]),
    welcome: () => WELCOME,
  };
}
