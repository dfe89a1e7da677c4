/** Receipts: senders are told what became of their messages at last, if their names are here. */
import { describe, expect, it } from 'vitest';
import { messageHead } from '../../../../src/protocol/program-message.ts';
import { MAX_WAITING_RECEIPT_BYTES } from '../../../../src/session/program/program.ts';
import { type Receipt, Receipts } from '../../../../src/session/program/receipts.ts';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { WRITE_BUFFER_BYTES, WriteBuffers } from '../../../../src/shared/memory/write-buffers.ts';
import { FRAME_BODY, FROM_PROGRAM, type Frames, WANTS_RECEIPT } from '../../../../src/shared/wire/frames/frames.ts';
import { deliveredOf, framesOf } from '../../../helpers/unit/frames.ts';
import { WriterBench } from '../../../helpers/unit/writer.ts';
import { ProgramBench } from './bench.ts';

const BOB = Buffer.from('bob');

/** Frames of messages with these ids. An id that is empty asks for no receipt. */
function messages(sender: string, ...ids: string[]): Frames {
  const prefix = `from ${sender}: `;
  const bodies = ids.map((id) => `${prefix}${messageHead({ id, re: 'q' }, 5)}"\\"id\\":1"`);
  const frames = framesOf(bodies, 0, Buffer.byteLength(prefix));
  ids.forEach((id, i) => {
    const at = i * (frames.headers.length / ids.length) + FRAME_BODY;
    frames.headers[at] = (frames.headers[at] as number) | FROM_PROGRAM | (id === '' ? 0 : WANTS_RECEIPT);
  });
  return frames;
}

class Taker {
  readonly told: string[] = [];

  receipt({ id, name, state }: Receipt): void {
    this.told.push(`${id} ${Buffer.from(name)} ${state}`);
  }
}

describe('a receipt', () => {
  it('goes to the sender of each message that wants one', () => {
    const receipts = new Receipts();
    const [ann, carol] = [new Taker(), new Taker()];
    receipts.enter(Buffer.from('ann'), ann);
    receipts.enter(Buffer.from('carol'), carol);
    receipts.tell(messages('ann', 'm-1', '', 'é "2"'), BOB, 'acked');
    receipts.tell(messages('carol', 'm-1'), BOB, 'rejected');
    expect([ann.told, carol.told]).toEqual([['m-1 bob acked', 'é "2" bob acked'], ['m-1 bob rejected']]);
  });

  it('goes to nobody if the name is not here, or is another one’s now', () => {
    const receipts = new Receipts();
    const [first, second] = [new Taker(), new Taker()];
    receipts.enter(Buffer.from('ann'), first);
    receipts.enter(Buffer.from('ann'), second);
    receipts.leave(Buffer.from('ann'), first);
    receipts.tell(messages('ann', 'm-1'), BOB, 'acked');
    receipts.leave(Buffer.from('ann'), second);
    receipts.tell(messages('ann', 'm-2'), BOB, 'acked');
    expect([first.told, second.told]).toEqual([[], ['m-1 bob acked']]);
  });
});

it('a receipt is of the message as it came, though the peer is shown another form, which is put in its place', () => {
  const memory = new Memory(new ArrayBuffer(2 * WRITE_BUFFER_BYTES));
  const buffers = new WriteBuffers(memory, 0, 2);
  const bench = new WriterBench(0, buffers);
  const shown = { bytes: Buffer.from('another form\n'), ends: Int32Array.of(13) };
  bench.writer.speak({ encodes: () => true, encode: () => shown }, false);
  const { headers, bytes, count } = framesOf(['from ann: one'], 0, WANTS_RECEIPT);
  const place = new Uint8Array(memory.buffer, buffers.roomFor(bytes.length), bytes.length);
  place.set(bytes);
  bench.writer.deliver(deliveredOf({ headers, bytes: place, count }));
  expect([bench.socket.writes, bench.receipts]).toEqual([['another form\n'], ['from ann: one acked']]);
});

describe('a program that gets a receipt', () => {
  it('is told it, and keeps its session with as much waiting for its socket as there may be', () => {
    const bench = new ProgramBench();
    bench.waiting.bytes = MAX_WAITING_RECEIPT_BYTES;
    bench.receipts.tell(messages('bob', 'm-1'), Buffer.from('ann'), 'acked');
    expect(bench.endTurn().of('receipt')).toEqual([{ type: 'receipt', id: 'm-1', name: 'ann', state: 'acked' }]);
    expect(bench.ended).toBeUndefined();
  });

  it('loses its session with more', () => {
    const bench = new ProgramBench();
    bench.waiting.bytes = MAX_WAITING_RECEIPT_BYTES + 1;
    bench.receipts.tell(messages('bob', 'm-1'), Buffer.from('ann'), 'acked');
    expect(bench.ended).toMatchObject({ code: 'RECEIPTS_UNREAD' });
  });

  it.each([
    ['', false],
    [', though its shard answers after that', true],
  ])('is told none of a session that has ended%s', (_, isLate) => {
    const bench = new ProgramBench();
    bench.program.ended();
    if (isLate) bench.program.welcomed(0);
    bench.receipts.tell(messages('bob', 'm-1'), Buffer.from('ann'), 'acked');
    expect(bench.endTurn().of('receipt')).toEqual([]);
  });
});
