import { describe, expect, it } from 'vitest';
import { WRITE_BUFFER_BYTES } from '../../../src/shared/memory/write-buffers.ts';
import { deliveredOf, framesOf, lineOf } from '../../helpers/unit/frames.ts';
import { twoWriteBuffers, WriterBench } from '../../helpers/unit/writer.ts';

const SLICE = 64 * 1024;

describe('a writer whose socket takes everything', () => {
  it('writes frames in the order they were handed, and accounts them at once', () => {
    const bench = new WriterBench().deliver('one', 'two').deliver('three');
    expect(bench.socket.writes).toEqual(['one\ntwo\n', 'three\n']);
    expect(bench.reports).toEqual([
      [2, 8],
      [3, 14],
    ]);
    const sums = {
      handedFrames: 3,
      handedBytes: 14,
      writtenFrames: 3,
      writtenBytes: 14,
      handedNumber: 0,
      writtenNumber: 0,
    };
    expect(bench.writer.progress).toEqual(sums);
  });

  it('accounts a write once, though its end is told later too', () => {
    const bench = new WriterBench().deliver('one');
    bench.socket.tick();
    expect([bench.reports, bench.writer.progress.writtenFrames]).toEqual([[[1, 4]], 1]);
  });

  it('hears of an old write while a later one is under way, and does not take it for the later one', () => {
    const bench = new WriterBench().deliver('one');
    bench.socket.mood = 'blocks';
    bench.deliver('two').socket.tick();
    expect(bench.writer.progress.writtenFrames).toBe(1);
  });

  it('is given at most a slice in one write, cut between frames', () => {
    const lines = Array.from({ length: 5 }, (_, i) => lineOf(30_000, `${i}`));
    const bench = new WriterBench().deliver(...lines);
    expect(bench.socket.writes.map(({ length }) => length)).toEqual([60_000, 60_000, 30_000]);
    expect(bench.socket.writes.join('')).toBe(`${lines.join('\n')}\n`);
    expect(bench.reports.at(-1)).toEqual([5, 150_000]);
  });

  it('is given exactly a slice in one write, and a larger frame alone', () => {
    const bench = new WriterBench().deliver(lineOf(SLICE - 2), 'x');
    const [big, after] = [lineOf(3 * SLICE), lineOf(10)];
    bench.deliver('a', big, after);
    expect(bench.socket.writes.map(({ length }) => length)).toEqual([SLICE, 2, 3 * SLICE, 10]);
  });
});

describe('a writer whose reports are not wanted at once', () => {
  it.each([
    ['the first', [17, 0], [2]],
    ['the last', [0, 17], [2]],
    ['none', [0, 0], []],
  ])('reports at once, however it is written, what may be in the store: %s was held', (_which, heldAt, reported) => {
    const bench = (mood: 'takes' | 'blocks') => {
      const of = new WriterBench(1_000);
      of.socket.mood = mood;
      of.writer.deliver(deliveredOf(framesOf(['one', 'two'], heldAt)));
      return of;
    };
    const blocked = bench('blocks');
    expect(blocked.reports).toEqual([]);
    blocked.socket.complete();
    for (const { reports } of [bench('takes'), blocked]) expect(reports.map(([frames]) => frames)).toEqual(reported);
  });

  it('reports past its threshold, and then everything', () => {
    const bench = new WriterBench(10);
    bench.deliver(lineOf(6)).deliver(lineOf(4));
    expect(bench.reports).toEqual([]);
    bench.deliver(lineOf(1));
    expect(bench.reports).toEqual([[3, 11]]);
    bench.deliver(lineOf(10));
    expect(bench.reports).toEqual([[3, 11]]);
    bench.deliver(lineOf(1));
    expect(bench.reports.at(-1)).toEqual([5, 22]);
  });

  it('gives the unreported sums with its return', () => {
    const bench = new WriterBench(100).deliver('one');
    bench.stop();
    expect([bench.reports, bench.writtenFrames]).toEqual([[], 1]);
  });
});

describe('a writer whose socket must wait', () => {
  function blocked(...lines: string[]): WriterBench {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    return bench.deliver(...lines);
  }

  it('accounts nothing, and lets what comes later wait', () => {
    const bench = blocked('one').deliver('two').deliver('three');
    expect([bench.socket.writes, bench.reports]).toEqual([['one\n'], []]);
    expect(bench.writer.progress).toMatchObject({ handedFrames: 3, writtenFrames: 0 });
  });

  it('goes on in order when the write is over', () => {
    const bench = blocked('one').deliver('two').deliver('three');
    bench.socket.complete();
    expect([bench.socket.writes, bench.reports]).toEqual([['one\n', 'two\nthree\n'], [[1, 4]]]);
    bench.socket.complete();
    bench.deliver('four');
    expect(bench.socket.writes.at(-1)).toBe('four\n');
    expect([bench.reports.at(-1), bench.socket.overlapping]).toEqual([[3, 14], 0]);
  });

  it('does not take a word of a write for its end while bytes of it are left', () => {
    const bench = new WriterBench().deliver('zero');
    bench.socket.mood = 'blocks';
    bench.deliver('one').deliver('two').socket.tick();
    expect(bench.socket.writes).toEqual(['zero\n', 'one\n']);
  });

  it('keeps copies of what waits, which a later use of the batch does not reach', () => {
    const bench = blocked();
    const batches = [framesOf(['one', lineOf(SLICE), 'tail']), framesOf(['two', 'three'])];
    for (const batch of batches) {
      bench.writer.deliver(deliveredOf(batch));
      batch.bytes.fill(0x78);
    }
    bench.writer.closed();
    expect(bench.returnedLines).toEqual(['one', lineOf(SLICE), 'tail', 'two', 'three']);
  });

  it('keeps the rest of a large run behind the slice that waits, before what comes later', () => {
    const lines = Array.from({ length: 4 }, (_, i) => lineOf(30_000, `${i}`));
    const bench = blocked(...lines).deliver('last');
    for (let i = 0; i < 3; i++) bench.socket.complete();
    expect(bench.socket.writes.join('')).toBe(`${[...lines, 'last'].join('\n')}\n`);
    expect(bench.reports.at(-1)).toEqual([5, 120_005]);
  });

  it('lets its bytes stand until its write is over, whatever others write meanwhile', () => {
    const writeBuffers = twoWriteBuffers();
    const [slow, quick] = [new WriterBench(0, writeBuffers), new WriterBench(0, writeBuffers)];
    const under = () => Buffer.from(slow.socket.buffers.at(-1) ?? []).toString();
    slow.socket.mood = 'blocks';
    slow.deliver('first').deliver('second');
    quick.deliver('other').deliver('another');
    expect(under()).toBe('first\n');
    slow.socket.complete();
    quick.deliver('one more');
    expect([under(), quick.socket.writes.join('')]).toEqual(['second\n', 'other\nanother\none more\n']);
  });

  it.each(['complete', 'closed'])('releases its write buffer when its write is over: %s', (end) => {
    const writeBuffers = twoWriteBuffers();
    for (let i = 0; i < 5; i++) {
      const bench = new WriterBench(0, writeBuffers);
      bench.socket.mood = 'blocks';
      bench.deliver('one');
      if (end === 'complete') bench.socket.complete();
      else bench.writer.closed();
    }
    const bench = new WriterBench(0, writeBuffers).deliver('two');
    expect(bench.socket.buffers[0]?.buffer.byteLength).toBe(2 * WRITE_BUFFER_BYTES);
  });
});

describe('a notice', () => {
  const NOTICE = Buffer.from('* news\n');

  it('is written between frames, and is no mail', () => {
    const bench = new WriterBench().deliver('one');
    bench.writer.notice(NOTICE);
    bench.deliver('two');
    expect(bench.socket.writes).toEqual(['one\n', '* news\n', 'two\n']);
    expect(bench.writer.progress).toMatchObject({ handedFrames: 2, handedBytes: 8, writtenFrames: 2, writtenBytes: 8 });
  });

  it('waits for the write under way, and goes before the frames that wait', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.deliver('one').deliver('two');
    bench.writer.notice(NOTICE);
    bench.writer.notice(NOTICE);
    expect(bench.socket.writes).toEqual(['one\n']);
    bench.socket.complete();
    expect(bench.socket.writes).toEqual(['one\n', '* news\n* news\n']);
    bench.socket.complete();
    expect(bench.socket.writes.slice(2)).toEqual(['two\n']);
    bench.socket.complete();
    expect(bench.reports).toEqual([
      [1, 4],
      [2, 8],
    ]);
  });

  it('is dropped where too much of it waits', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.deliver('one');
    const long = Buffer.alloc(600, 'x');
    for (const notice of [long, long, NOTICE]) bench.writer.notice(notice);
    bench.socket.complete();
    expect(bench.socket.writes.slice(1)).toEqual([`${long}* news\n`]);
  });

  it('that waits is forgotten by a writer that stops', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.deliver('one');
    bench.writer.notice(NOTICE);
    bench.stop();
    bench.socket.complete();
    expect([bench.socket.writes, bench.writtenFrames]).toEqual([['one\n'], 1]);
  });

  it('that has to wait lets mail wait, and mail goes on after it', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.writer.notice(NOTICE);
    bench.deliver('one');
    expect([bench.socket.writes, bench.reports]).toEqual([['* news\n'], []]);
    bench.socket.complete();
    expect(bench.socket.writes).toEqual(['* news\n', 'one\n']);
    bench.socket.complete();
    expect(bench.reports).toEqual([[1, 4]]);
  });

  it('that waits when the writer is stopped is waited for, and counts as no frame', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.writer.notice(NOTICE);
    bench.deliver('one').stop();
    expect(bench.returns).toEqual([]);
    bench.writer.noteProgress();
    bench.socket.complete();
    expect([bench.writtenFrames, bench.returnedLines]).toEqual([0, ['one']]);
  });

  it('is not written by a writer that stops or has stopped, nor to a socket that is gone', () => {
    const stopped = new WriterBench();
    stopped.stop();
    stopped.writer.notice(NOTICE);
    const gone = new WriterBench();
    gone.socket.destroy();
    gone.writer.notice(NOTICE);
    expect([stopped.socket.writes, gone.socket.writes]).toEqual([[], []]);
  });
});
