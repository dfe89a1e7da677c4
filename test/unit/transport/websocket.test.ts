/** The connection of a WebSocket, without a broker. */
import { describe, expect, it } from 'vitest';
import { createLog, RateLimitedWarnings } from '../../../src/shared/common/log/log.ts';
import { AddressList } from '../../../src/shared/visitors/address-list.ts';
import type { ByteSink, Transport } from '../../../src/transport/transport.ts';
import { maxMessageBytes, WebSocketGate } from '../../../src/transport/websocket/gate.ts';
import { endsLine, WaitingMessages } from '../../../src/transport/websocket/waiting-messages.ts';
import { WebClient } from '../../helpers/programs/web-client.ts';
import { clientFrame, OPCODES } from '../../helpers/programs/web-frames.ts';
import { WebServer } from '../../helpers/programs/web-server.ts';
import { until } from '../../helpers/until.ts';

const READ_BUFFER_BYTES = 16;
/** More writes of 64 KiB than the system takes for a peer that does not read. */
const MORE_WRITES = 1_000;

/** A sink that notes what it is told, and can pause its connection at each read. */
class Notes implements ByteSink {
  readonly transport: Transport;
  text = '';
  reads = 0;
  ends: string[] = [];
  pauses = false;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  read(bytes: Buffer, length: number): void {
    this.text += bytes.toString('utf8', 0, length);
    this.reads++;
    if (this.pauses) this.transport.pause();
  }

  end(): void {
    this.ends.push('end');
  }

  fail(error: Error): void {
    this.ends.push(error.message);
  }

  closed(): void {
    this.ends.push('closed');
  }
}

async function setting() {
  const taken: Notes[] = [];
  const take = (transport: Transport) => {
    const notes = new Notes(transport);
    taken.push(notes);
    transport.start(notes);
    return undefined;
  };
  const warnings = new RateLimitedWarnings(createLog('silent'));
  const readBuffer = Buffer.alloc(READ_BUFFER_BYTES);
  const gate = new WebSocketGate({ MAX_LINE_BYTES: 1_000 }, warnings, readBuffer, {
    take,
    proxies: new AddressList([]),
  });
  const web = await WebServer.of(gate);
  const client = await WebClient.to({ web });
  const other = await WebClient.to({ web });
  /** Whatever was sent before this has come, if it is read. */
  const roundTrip = async () => {
    const pongs = other.frames.length;
    other.send(clientFrame('', OPCODES.ping));
    await until(() => other.frames.length > pongs, 'a pong');
  };
  const [notes] = taken;
  const end = web.sockets.get(client.socket.localPort ?? 0);
  if (notes === undefined || end === undefined) throw new Error('no connection');
  const dispose = () => {
    for (const each of [client, other, web]) each[Symbol.dispose]();
  };
  return { client, notes, end, roundTrip, [Symbol.dispose]: dispose };
}

describe('a connection', () => {
  it('that is paused reads nothing, in however many pieces it comes', async () => {
    using set = await setting();
    const { client, notes, end, roundTrip } = set;
    notes.transport.pause();
    client.send(clientFrame('first'));
    await roundTrip();
    await roundTrip();
    const before = end.bytesRead;
    for (const byte of clientFrame('second')) {
      client.send(Uint8Array.of(byte));
      await roundTrip();
    }
    expect([end.bytesRead, notes.text]).toEqual([before, '']);
    notes.transport.resume();
    await until(() => notes.text === 'first\nsecond\n', 'both');
  });

  it('gives a session that pauses one read at a time, whatever came at once', async () => {
    using set = await setting();
    const { client, notes } = set;
    notes.pauses = true;
    const lines = Array.from({ length: 300 }, (_, i) => `${i}`.repeat((i % 20) + 1));
    client.send(Buffer.concat(lines.map((line) => clientFrame(line))));
    const text = lines.map((line) => `${line}\n`).join('');
    for (let read = 1; notes.text.length < text.length; read++) {
      await until(() => notes.reads === read, 'a read');
      notes.transport.resume();
    }
    expect(notes.text).toBe(text);
  });

  it('that has ended tells so behind what came before, or at once if it is destroyed', async () => {
    for (const how of ['read', 'destroyed'] as const) {
      using set = await setting();
      const { client, notes, end } = set;
      notes.pauses = true;
      client.send(Buffer.concat([clientFrame('one'), clientFrame('two'), clientFrame('', OPCODES.close)]));
      await until(() => end.closed, 'the end');
      expect([notes.text, notes.ends, notes.transport.outlet.destroyed]).toEqual(['one\n', [], true]);
      if (how === 'destroyed') notes.transport.destroy();
      notes.transport.resume(); // the sink pauses it again
      notes.transport.resume();
      await notes.transport.closed;
      expect([notes.text, notes.ends]).toEqual([how === 'read' ? 'one\ntwo\n' : 'one\n', ['closed']]);
    }
  });

  it('that is reset says why', async () => {
    using set = await setting();
    set.client.socket.resetAndDestroy();
    await until(() => set.notes.ends.length === 2, 'the end');
    expect(set.notes.ends).toEqual([expect.stringContaining('ECONNRESET'), 'closed']);
  });
});

describe('an outlet', () => {
  it('tells what was taken, and calls back for what was not', async () => {
    using set = await setting();
    const { client, notes } = set;
    const { outlet } = notes.transport;
    client.socket.pause();
    let done = 0;
    const bytes = Buffer.alloc(65_536, 'x');
    for (let i = 0; i < MORE_WRITES && outlet.writableLength === 0; i++) outlet.write(bytes, () => done++);
    const unwritten = outlet.unwrittenBytes() ?? 0;
    expect([done, unwritten > 0, unwritten <= bytes.length, outlet.errored]).toEqual([0, true, true, null]);
    client.socket.resume();
    await until(() => done === 1, 'the write to be over');
    expect([outlet.writableLength, outlet.unwrittenBytes()]).toEqual([0, 0]);
  });

  it('writes nothing after the peer has closed, even while the socket is open', async () => {
    using set = await setting();
    const { outlet } = set.notes.transport;
    set.client.socket.pause(); // so it does not close the socket
    set.client.send(clientFrame('', OPCODES.close));
    await until(() => outlet.destroyed, 'the end');
    expect(set.end.destroyed).toBe(false);
  });
});

describe('messages that wait', () => {
  it('are lines, however many there are', () => {
    const waiting = new WaitingMessages();
    for (let i = 0; i < 1_000; i++) waiting.push(Buffer.from(i % 2 === 0 ? `${i}` : `${i}\n`));
    expect(waiting.empty).toBe(false);
    expect(waiting.take().toString()).toBe(Array.from({ length: 1_000 }, (_, i) => `${i}\n`).join(''));
    expect([waiting.empty, waiting.take().length, endsLine(Buffer.from('x'))]).toEqual([true, 0, false]);
  });

  it('have at most 64 KiB each, or a longest line with its end', () => {
    expect([maxMessageBytes(1_000), maxMessageBytes(65_536)]).toEqual([65_536, 65_538]);
  });
});
