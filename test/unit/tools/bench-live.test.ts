/** The benchmark's own parts: a run that was fast because it was wrong must not pass. */
import { describe, expect, it } from 'vitest';
import { Checker, NO_SENDER } from '../../bench/live/generator/checker.ts';
import { Framing } from '../../bench/live/generator/framing.ts';
import { Outgoing } from '../../bench/live/generator/outgoing.ts';
import { PEER_NAMES, protocolOf } from '../../bench/live/generator/protocols/all.ts';
import type { Envelope } from '../../bench/live/generator/protocols/protocol.ts';
import { FrameStream, inFrame } from '../../bench/live/generator/protocols/web-socket.ts';
import { Route } from '../../bench/live/generator/route.ts';
import { readLiveOptions } from '../../bench/live/options.ts';

const PAYLOAD_BYTES = 64;
const LF = 10;

/**
 * Two peers of the plain session, of whom the first has sent `sent` messages; their deliveries, as they should come.
 */
function twoPeers(sent: number): { checker: Checker; frames: Buffer[] } {
  const shape = { connections: 2, fan: 1, payloadBytes: PAYLOAD_BYTES };
  const route = new Route(shape.connections, shape.fan);
  const { delivered } = protocolOf('restante', shape);
  const checker = new Checker(route, delivered, PAYLOAD_BYTES, Int32Array.of(sent, 0));
  return { checker, frames: deliveries(0, route, delivered, sent) };
}

/** A message is built with a delivery's envelope, so that it is what should come. */
function deliveries(sender: number, route: Route, envelope: Envelope, count: number): Buffer[] {
  const outgoing = new Outgoing(sender, route, envelope, PAYLOAD_BYTES, 1, 1);
  return Array.from({ length: count }, (_, number) => Buffer.from(outgoing.build(number, 1_000_000 + number)));
}

describe('the checker', () => {
  it('finds nothing wrong with what came as it was sent', () => {
    const { checker, frames } = twoPeers(3);
    expect(frames.map((frame) => checker.take(frame, 0, 1))).toEqual([0, 0, 0]);
    expect(checker.finish()).toEqual({ changed: 0, repeated: 0, disordered: 0, lost: 0, examples: [] });
  });

  it('sees a change of any byte', () => {
    const { checker, frames } = twoPeers(1);
    const [frame = Buffer.alloc(0)] = frames;
    expect(frame.length).toBe(checker.frameBytes);
    for (let at = 0; at < frame.length; at++) {
      const bent = Buffer.from(frame);
      bent[at] = (bent[at] ?? 0) ^ 0x40;
      expect(checker.take(bent, 0, 1), `byte ${at}`).toBe(NO_SENDER);
    }
    expect(checker.finish()).toMatchObject({ changed: frame.length, lost: 1 });
  });

  it('sees what came to somebody else, what nobody sent, and what is cut off', () => {
    const { checker, frames } = twoPeers(1);
    const [frame = Buffer.alloc(0)] = frames;
    expect(checker.take(frame, 0, 0)).toBe(NO_SENDER);
    const other = twoPeers(2).frames[1] ?? Buffer.alloc(0);
    expect(checker.take(other, 0, 1)).toBe(NO_SENDER);
    expect(checker.take(Buffer.concat([frame.subarray(0, -2), Buffer.of(LF)]), 0, 1)).toBe(NO_SENDER);
    expect(checker.finish()).toMatchObject({ changed: 3, lost: 1 });
  });

  it('tells repeated, late and lost messages apart', () => {
    const { checker, frames } = twoPeers(5);
    for (const number of [0, 0, 2, 1, 4]) checker.take(frames[number] ?? Buffer.alloc(0), 0, 1);
    expect(checker.finish()).toMatchObject({ changed: 0, repeated: 1, disordered: 1, lost: 1 });
  });
});

describe.each(PEER_NAMES)('the messages of %s', (peer) => {
  it.each([1, 3])('with a fan of %s go to each peer but the sender, in frames that any cut leaves whole', (fan) => {
    const shape = { connections: 9, fan, payloadBytes: PAYLOAD_BYTES };
    const { delivered, ping, ring } = protocolOf(peer, shape);
    const route = new Route(shape.connections, fan, ring === true);
    const sent = new Int32Array(shape.connections).fill(40);
    const checker = new Checker(route, delivered, PAYLOAD_BYTES, sent);
    const streams = Array.from({ length: shape.connections }, () => [] as Buffer[]);
    for (let sender = 0; sender < shape.connections; sender++) {
      for (const [number, frame] of deliveries(sender, route, delivered, 40).entries()) {
        const group = route.group(sender, number);
        expect(group).not.toBe(Math.floor(sender / fan));
        for (let member = 0; member < fan; member++)
          streams[group * fan + member]?.push(frame, ping?.asked ?? frame.subarray(0, 0));
      }
    }
    let pings = 0;
    streams.forEach((stream, receiver) => {
      const framing = new Framing(checker.frameBytes, ping, {
        frame: (bytes, at) => void checker.take(bytes, at, receiver),
        ping: () => pings++,
      });
      const bytes = Buffer.concat(stream);
      for (let at = 0, step = 1; at < bytes.length; at += step, step = (step * 7 + 3) % 301) {
        framing.feed(bytes.subarray(at, at + step), Math.min(step, bytes.length - at));
      }
    });
    expect(checker.finish()).toEqual({ changed: 0, repeated: 0, disordered: 0, lost: 0, examples: [] });
    expect(checker.delivered).toBe(9 * 40 * fan);
    expect(pings).toBe(ping === undefined ? 0 : 9 * 40 * fan);
  });
});

it('a stream is taken out of the frames of a WebSocket, wherever they are cut', () => {
  const stream = Buffer.from(Array.from({ length: 70_500 }, (_, i) => 97 + (i % 26)));
  const use = { path: '/', opcode: 2 } as const;
  const parts = [stream.subarray(0, 5), stream.subarray(5, 400), stream.subarray(400)];
  // What a server sends is not masked: the mask, four bytes of 0 behind the length, is left out.
  const frames = parts.map((part) => {
    const frame = inFrame(part, use);
    const start = frame.length - part.length;
    return Buffer.concat([Buffer.of(frame[0] ?? 0, (frame[1] ?? 0) & 127), frame.subarray(2, start - 4), part]);
  });
  const ping = Buffer.of(0x89, 2, 1, 2);
  const bytes = Buffer.concat([Buffer.from('HTTP/1.1 101 Yes\r\nX: y\r\n\r\n'), ping, ...frames, ping]);
  for (const step of [1, 3, 127, 65_537, bytes.length]) {
    const heard: Buffer[] = [];
    let opened = 0;
    const frameStream = new FrameStream(
      () => opened++,
      (some, length) => heard.push(Buffer.from(some.subarray(0, length))),
    );
    for (let at = 0; at < bytes.length; at += step) {
      const piece = Buffer.from(bytes.subarray(at, at + step));
      frameStream.feed(piece, piece.length);
    }
    expect([opened, Buffer.concat(heard).equals(stream)]).toEqual([1, true]);
  }
  const refused = Buffer.from('HTTP/1.1 404 No\r\n\r\n');
  const nothing = () => undefined;
  expect(() => new FrameStream(nothing, nothing).feed(refused, refused.length)).toThrow('no WebSocket');
});

it('a sender reaches many others, each equally often', () => {
  const route = new Route(64, 1);
  const counts = new Map<number, number>();
  for (let number = 0; number < route.slots * 10; number++) {
    const group = route.group(5, number);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  expect(counts.size).toBe(61);
  expect([...counts.values()].every((count) => count === 10)).toBe(true);
  expect(route.slot(5, route.firstNumber(5, 17))).toBe(17);
});

it('options change the workloads, and keep what was not given', () => {
  const options = readLiveOptions(['node', 'bench', '--connections', '16', '--payload', '200', '--only', 'fan,chat']);
  expect(options).toMatchObject({
    only: ['chat', 'fan'],
    loads: { fan: { connections: 16, fan: 8, window: 16, batch: 4, payloadBytes: 200 } },
  });
  expect(readLiveOptions(['node', 'bench'])).toMatchObject({
    loads: { large: { payloadBytes: 4_096 }, few: { connections: 8, payloadBytes: 64 }, storm: { storms: 3 } },
  });
});
