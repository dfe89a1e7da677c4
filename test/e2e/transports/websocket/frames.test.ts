/** What may come in the frames of a WebSocket, and how a connection ends that sends anything else. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MAX_MESSAGE_PARTS } from '../../../../src/transport/websocket/gate.ts';
import { MAX_EMPTY_FRAMES_A_TURN } from '../../../../src/transport/websocket/transport.ts';
import { startBroker, type TestBroker } from '../../../helpers/broker.ts';
import { paced } from '../../../helpers/pace/pace.ts';
import { WebClient } from '../../../helpers/programs/web-client.ts';
import { clientFrame, OPCODES } from '../../../helpers/programs/web-frames.ts';
import { until } from '../../../helpers/until.ts';

const HELLO = { type: 'hello', v: 1, name: 'bob', ack: false };

/** A message in several frames, with a ping in between. */
function inFrames(message: Buffer, cuts: readonly number[]): Buffer {
  const ends = [...new Set(cuts.map((cut) => cut % (message.length + 1)))].sort((a, b) => a - b);
  const parts = [0, ...ends].map((start, at) => message.subarray(start, ends[at] ?? message.length));
  const frames = parts.map((part, at) =>
    clientFrame(part, at === 0 ? OPCODES.text : OPCODES.more, at === parts.length - 1),
  );
  return Buffer.concat(frames.flatMap((frame, at) => (at === 0 ? [frame] : [clientFrame('p', OPCODES.ping), frame])));
}

const times = (count: number, frame: Buffer) => Array.from({ length: count }, () => frame);

/** A message that has not ended, in so many frames. */
function inParts(count: number): Buffer[] {
  return Array.from({ length: count }, (_, i) => clientFrame(' ', i === 0 ? OPCODES.text : OPCODES.more, false));
}

/** Bytes in pieces, each of which is read before the next is sent. */
async function inPieces(client: WebClient, bytes: Buffer, cuts: readonly number[]): Promise<void> {
  const ends = [...new Set(cuts.map((cut) => cut % bytes.length)), bytes.length].sort((a, b) => a - b);
  let start = 0;
  for (const end of ends) {
    client.send(bytes.subarray(start, end));
    start = end;
    await new Promise(setImmediate);
  }
}

/** A message: its lines, whether the last of them has its end, and where it is cut into frames. */
interface Message {
  readonly lines: readonly { readonly text: string; readonly end: string }[];
  readonly ends: boolean;
  readonly cuts: readonly number[];
}

describe('messages', () => {
  const line = fc.record({ text: fc.string({ unit: 'binary', maxLength: 60 }), end: fc.constantFrom('\n', '\r\n') });
  const message = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 4 }),
    ends: fc.boolean(),
    cuts: fc.array(fc.nat(), { maxLength: 4 }),
  });
  const messages = fc.array(message, { minLength: 1, maxLength: 6 });

  it('have whole lines, in whatever frames and pieces they come', { timeout: paced(60_000) }, async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    using bob = await WebClient.hello(broker, HELLO);
    const expected: string[] = [];
    const run = async (all: readonly Message[], cuts: readonly number[]) => {
      const bytes = all.map(({ lines, ends, cuts: frameCuts }) => {
        const said = lines.map(({ text, end }, at) => {
          const body = Buffer.from(text).toString();
          expected.push(body);
          return JSON.stringify({ type: 'send', to: 'bob', body }) + (ends || at < lines.length - 1 ? end : '');
        });
        return inFrames(Buffer.from(said.join('')), frameCuts);
      });
      await inPieces(bob, Buffer.concat(bytes), cuts);
      await bob.got('message', expected.length);
      expect(bob.of('message').map(({ body }) => body)).toEqual(expected);
    };
    await fc.assert(fc.asyncProperty(messages, fc.array(fc.nat(), { maxLength: 12 }), run), { numRuns: 40 });
    expect(bob.of('error')).toEqual([]);
  });

  it('of the broker have whole lines too, and several if they are there at once', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    using bob = await WebClient.hello(broker, HELLO);
    const sends = Array.from({ length: 500 }, (_, i) => JSON.stringify({ type: 'send', to: 'bob', body: `ä€😀 ${i}` }));
    bob.send(clientFrame(sends.join('\n')));
    await bob.got('message', sends.length);
    for (const { opcode, isLast, payload } of bob.frames) {
      expect([opcode, isLast, payload.at(-1)]).toEqual([OPCODES.text, true, 10]);
    }
    expect(bob.frames.length).toBeLessThan(sends.length / 10);
  });

  it('may each have 64 KiB, or one line of the longest', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0, MAX_LINE_BYTES: 100_000 });
    using bob = await WebClient.hello(broker, HELLO);
    const send = JSON.stringify({ type: 'send', to: 'bob', body: '' });
    bob.say({ type: 'send', to: 'bob', body: 'x'.repeat(100_000 - send.length) });
    await bob.got('message');
    bob.say({ type: 'send', to: 'bob', body: 'x'.repeat(100_003 - send.length) });
    expect(await bob.gotClose()).toEqual([1009, '']);
    await using small = await startBroker({ HOLD_SECONDS: 0, MAX_LINE_BYTES: 1_000 });
    using ann = await WebClient.hello(small, { ...HELLO, name: 'ann' });
    const ping = '{"type":"ping"}\n';
    ann.send(clientFrame(ping.repeat(65_536 / ping.length)));
    await ann.got('pong', 65_536 / ping.length);
    ann.send(clientFrame('x'.repeat(1_001)));
    expect(await ann.got('bye')).toMatchObject([{ code: 'LINE_TOO_LONG' }]);
    expect(await ann.gotClose()).toEqual([1009, 'LINE_TOO_LONG']);
  });
});

describe('a connection ends', () => {
  let broker: TestBroker | undefined;
  const shared = () => broker ?? expect.fail('no broker');
  beforeAll(async () => {
    broker = await startBroker({ STRICT: 'off', HOLD_SECONDS: 0 });
  });
  beforeEach(() => shared().clear());
  afterAll(() => broker?.[Symbol.asyncDispose]());

  it.each([
    ['no text', [clientFrame('{"type":"ping"}', OPCODES.binary)], 1003],
    ['no mask', [Buffer.from([0x81, 0x02, 0x7b, 0x7d])], 1002],
    ['a frame of compression', [Buffer.from([0xc1, 0x80, 0, 0, 0, 0])], 1002],
    ['the rest of no message', [clientFrame('x', OPCODES.more)], 1002],
    ['a long ping', [clientFrame('x'.repeat(126), OPCODES.ping)], 1002],
    ['a message that says that it is huge', [Buffer.from([0x81, 0xff, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0])], 1009],
    ['a message in too many frames', inParts(MAX_MESSAGE_PARTS + 1), 1008],
    ['many empty messages', times(2 * MAX_EMPTY_FRAMES_A_TURN, clientFrame('')), 1008],
    ['many pongs', times(2 * MAX_EMPTY_FRAMES_A_TURN, clientFrame('', OPCODES.pong)), 1008],
    ['many pings', times(2 * MAX_EMPTY_FRAMES_A_TURN, clientFrame('', OPCODES.ping)), 1008],
  ])('for %s, and no other', async (_what, frames, code) => {
    using ann = await WebClient.hello(shared(), { ...HELLO, name: 'ann' });
    using bob = await WebClient.hello(shared(), HELLO);
    bob.send(Buffer.concat(frames));
    expect((await bob.gotClose())[0]).toBe(code);
    await until(() => bob.closed && shared().broker.view.sessions().length === 1, 'its end');
    ann.say({ type: 'ping' });
    await ann.got('pong');
  });

  it.each([
    ['a plain name', Buffer.from('bob\n'), 'HELLO_REFUSED', 1002],
    ['another first line', Buffer.from('{"type":"ping"}'), 'HELLO_REFUSED', 1002],
    ['a hello of another version', Buffer.from('{"type":"hello","v":2}'), 'HELLO_REFUSED', 1002],
    ['a long name', Buffer.from(`{"type":"hello","v":1,"name":"${'n'.repeat(257)}"}`), 'NAME_TOO_LONG', 1008],
    ['what is not UTF-8', Buffer.from([0x7b, 0xff, 0x7d]), 'NOT_UTF8', 1007],
  ])('for %s, which is said', async (_what, first, code, closeCode) => {
    using client = await WebClient.to(shared());
    client.send(clientFrame(first));
    expect(await client.got('bye')).toMatchObject([{ code }]);
    expect(await client.gotClose()).toEqual([closeCode, code]);
  });

  it('when the broker stops, and says so', async () => {
    await using broker = await startBroker({ HOLD_SECONDS: 0 });
    using bob = await WebClient.hello(broker, HELLO);
    const stopped = broker.broker.stop();
    expect(await bob.got('bye')).toMatchObject([{ code: 'STOPPING' }]);
    expect(await bob.gotClose()).toEqual([1001, '']);
    await stopped;
  });
});

it('a ping is answered with what it said, the last one of many at once', async () => {
  await using broker = await startBroker({ HOLD_SECONDS: 0 });
  using bob = await WebClient.hello(broker, HELLO);
  const pongs = () => bob.frames.filter(({ opcode }) => opcode === OPCODES.pong).map(({ payload }) => `${payload}`);
  bob.send(clientFrame('one', OPCODES.ping));
  await until(() => pongs().length === 1, 'the pong');
  bob.send(Buffer.concat([...times(100, clientFrame('two', OPCODES.ping)), clientFrame('three', OPCODES.ping)]));
  await until(() => pongs().includes('three'), 'the last pong');
  expect(pongs()[0]).toBe('one');
  expect(pongs().length).toBeLessThan(50);
});
