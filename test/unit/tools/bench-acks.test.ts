/** The benchmark's parts for acknowledged messages: what a server says is understood wherever a read cuts it. */
import { describe, expect, it } from 'vitest';
import { Accepted } from '../../bench/live/generator/acks/accepted.ts';
import { ackProtocolOf } from '../../bench/live/generator/acks/all.ts';
import { Wire } from '../../bench/live/generator/acks/wire.ts';
import { numberOf, senderOf, writePayload } from '../../bench/live/generator/payload.ts';
import type { PeerName } from '../../bench/live/generator/protocols/all.ts';

const PAYLOAD_BYTES = 64;
const SHAPE = { connections: 3, payloadBytes: PAYLOAD_BYTES, unacknowledged: 16, durable: false };
/** Who hears what the tests say. */
const PEER = 2;
const SEQ = '1875124452065321';

function payload(sender: number, number: number): string {
  const bytes = Buffer.alloc(PAYLOAD_BYTES);
  writePayload(bytes, 0, PAYLOAD_BYTES, sender, number, 1_000);
  return bytes.toString('latin1');
}

/** Two messages of peer 1 to peer 2, and between them the word that peer 2's messages 0 and 1 to peer 0 are taken. */
const WORDS: readonly { readonly peer: PeerName; readonly says: readonly string[]; readonly acks: string }[] = [
  {
    peer: 'restante',
    says: [
      `{"type":"message","seq":${SEQ},"from":"p000001","id":"0000000","time":1764156000123,"body":"${payload(1, 0)}"}\n`,
      '{"type":"accepted","id":"0000001","to":{"p000000":"taken"},"duplicate":false}\n',
      '{"type":"accepted","id":"0000000","to":{"p000000":"taken"},"duplicate":false}\n',
      `{"type":"message","seq":${SEQ},"from":"p000001","id":"0000001","time":1764156000123,"body":"${payload(1, 1)}","held":true}\n`,
    ],
    acks: `{"type":"ack","seq":${SEQ}}\n`,
  },
  {
    peer: 'mosquitto',
    says: [
      `\x32\x4b\0\x07p000002\x01\x01${payload(1, 0)}`,
      '\x40\x02\0\x01\x40\x02\0\x02',
      `\x32\x4b\0\x07p000002\x01\x02${payload(1, 1)}`,
    ],
    acks: '\x40\x02\x01\x01\x40\x02\x01\x02',
  },
  {
    peer: 'mosquitto-2',
    says: [
      `\x34\x4b\0\x07p000002\x01\x01${payload(1, 0)}`,
      '\x50\x02\0\x01\x70\x02\0\x01\x70\x02\0\x02',
      `\x62\x02\x01\x01\x34\x4b\0\x07p000002\x01\x02${payload(1, 1)}`,
    ],
    acks: '\x50\x02\x01\x01\x62\x02\0\x01\x70\x02\x01\x01\x50\x02\x01\x02',
  },
  {
    peer: 'nats',
    says: [
      `MSG m.p000002 2 $JS.ACK.S.C.1.1.1.17.0 64\r\n${payload(1, 0)}\r\n`,
      'MSG _I.p000002 1  30\r\n{"stream":"Sp000000", "seq":7}\r\nPING\r\n',
      'MSG _I.p000002 1  30\r\n{"stream":"Sp000000", "seq":8}\r\n',
      `MSG m.p000002 2 $JS.ACK.S.C.1.2.2.18.0 64\r\n${payload(1, 1)}\r\n`,
    ],
    acks: 'PONG\r\nPUB $JS.ACK.S.C.1.2.2.18.0 4\r\n+ACK\r\n',
  },
];

describe.each(WORDS)('a peer of $peer', ({ peer, says, acks }) => {
  it('understands what a server says, wherever it is cut, and acknowledges it', () => {
    const text = Buffer.from(says.join(''), 'latin1');
    for (let step = 1; step < text.length; step += 13) {
      const { wire, heard } = listener(peer);
      for (let at = 0, end = step; at < text.length; end = Math.min(text.length, end + step)) {
        // A read buffer has old bytes behind what was read.
        const bytes = Buffer.concat([text.subarray(0, end), Buffer.from('\r\n\n*$:7}'.repeat(9))]);
        const next = wire.hear(bytes, at, end);
        expect(next).toBeLessThanOrEqual(end);
        at = next;
      }
      expect(heard.strange).toEqual([]);
      expect(heard.messages).toEqual([
        [1, 0],
        [1, 1],
      ]);
      expect(heard.accepted.sort()).toEqual([0, 1]);
      expect(heard.written()).toBe(acks);
    }
  });
});

it('a peer of redis asks for mail, and acknowledges an answer in front of the next question', () => {
  const question =
    '*11\r\n$10\r\nXREADGROUP\r\n$5\r\nGROUP\r\n$1\r\ng\r\n$1\r\nc\r\n$5\r\nCOUNT\r\n$2\r\n16\r\n' +
    '$5\r\nBLOCK\r\n$1\r\n0\r\n$7\r\nSTREAMS\r\n$7\r\np000002\r\n$1\r\n>\r\n';
  const entry = (id: string, body: string) => `*2\r\n${id}*2\r\n$1\r\nd\r\n$64\r\n${body}\r\n`;
  const ids = ['$15\r\n1692632086370-0\r\n', '$16\r\n1692632086370-11\r\n'];
  const answer = `*1\r\n*2\r\n$7\r\np000002\r\n*2\r\n${entry(ids[0] ?? '', payload(1, 0))}${entry(ids[1] ?? '', payload(1, 1))}`;
  const { wire, adding, heard } = listener('redis');
  const mail = Buffer.from(answer, 'latin1');
  for (let at = 0, end = 1; at < mail.length; end++) at = wire.hear(mail, at, Math.min(end, mail.length));
  const replies = Buffer.from(ids.join(''), 'latin1');
  for (let at = 0, end = 1; at < replies.length; end++) at = adding.hear(replies, at, Math.min(end, replies.length));
  expect(heard.messages.map(([, number]) => number)).toEqual([0, 1]);
  expect(heard.accepted).toEqual([0, 1]);
  const acks = `*5\r\n$4\r\nXACK\r\n$7\r\np000002\r\n$1\r\ng\r\n${ids.join('')}`;
  expect(heard.written()).toBe(`${question}${acks}${question}`);
  wire.hear(Buffer.from(':1\r\n'), 0, 4);
  expect(heard.strange).toEqual(['an XACK was good for 1']);
});

it('says what it does not understand', () => {
  for (const peer of ['restante', 'mosquitto', 'nats', 'redis'] as const) {
    const { wire, heard } = listener(peer);
    const bytes = Buffer.from(`-ERR no such thing as a message 9\r\n${'x'.repeat(99)}\n`);
    wire.hear(bytes, 0, bytes.length);
    expect(heard.strange.length, peer).toBeGreaterThan(0);
  }
});

it('a message that is accepted twice stands for no other', () => {
  const accepted = new Accepted(Int32Array.of(3, 2));
  expect([0, 1, 1].map((number) => accepted.take(0, number))).toEqual([true, true, true]);
  expect([1, 0, 2, -1].map((number) => accepted.take(1, number))).toEqual([true, true, false, false]);
  expect(accepted.wrongWords()).toEqual(['peer 0 was told of 3 of its 3 messages, or of others']);
});

/** Peer 2, which has sent two messages to peer 0. */
function listener(peer: PeerName) {
  const wires = [new Wire(), new Wire()] as const;
  const [wire, adding] = wires;
  const messages: [sender: number, number: number][] = [];
  const accepted: number[] = [];
  const strange: string[] = [];
  const speaker = ackProtocolOf(peer, SHAPE).speaker(PEER, wires, {
    message: (bytes, at) => messages.push([senderOf(bytes, at), numberOf(bytes, at)]),
    accepted: (number) => accepted.push(number),
    due: () => undefined,
    strange: (what) => strange.push(what),
  });
  speaker.send(0, 0, 1_000);
  speaker.send(1, 0, 1_000);
  const before = wire.take(0);
  speaker.begin();
  const written = () => {
    speaker.acknowledge();
    return wire.out.toString('latin1', before, wire.take(0));
  };
  return { wire, adding, heard: { messages, accepted, strange, written } };
}
