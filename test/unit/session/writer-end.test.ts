import { describe, expect, it } from 'vitest';
import { lineOf } from '../../helpers/unit/frames.ts';
import { WriterBench } from '../../helpers/unit/writer.ts';

/** A writer with 'one', 'two', 'three' in a write under way, and 'four' behind it. */
function busyBench(): WriterBench {
  const bench = new WriterBench();
  bench.socket.mood = 'blocks';
  return bench.deliver('one', 'two', 'three').deliver('four');
}

describe('a writer that is told to stop', () => {
  it('while idle finishes at once, with one return of nothing', () => {
    const bench = new WriterBench().deliver('one');
    bench.stop();
    expect(bench.writer.finished).toBe(true);
    const progress = { handedFrames: 1, handedBytes: 4, writtenFrames: 1, writtenBytes: 4 };
    expect(bench.returns).toMatchObject([{ last: true, progress, runs: [] }]);
  });

  it('before it began, because its scope had ended, finishes at once', () => {
    const bench = new WriterBench();
    bench.stop();
    bench.stop();
    expect(bench.returns).toHaveLength(1);
  });

  it('during a write waits for it, and then returns the rest in one return', () => {
    const bench = busyBench();
    bench.stop();
    bench.deliver('five');
    expect([bench.writer.finished, bench.returns]).toEqual([false, []]);
    bench.socket.complete();
    expect(bench.returns.map(({ last, runs }) => ({ last, runs }))).toEqual([{ last: true, runs: [['four', 'five']] }]);
    expect([bench.writtenFrames, bench.socket.writes.length]).toEqual([3, 1]);
  });

  it('returns once, though its socket closes after that', () => {
    const bench = busyBench();
    bench.stop();
    bench.socket.complete();
    bench.socket.destroy();
    bench.writer.closed();
    bench.writer.closed();
    expect(bench.returns).toHaveLength(1);
  });

  it('returns once, though its socket closes before that', () => {
    const bench = busyBench();
    bench.writer.closed();
    bench.stop();
    expect(bench.returns).toHaveLength(1);
  });

  it('gives its runs back in buffers of their own, which can move to another thread', () => {
    const bench = busyBench();
    bench.stop();
    bench.writer.closed();
    const whole = bench.runs.map(({ headers, bytes }) => [
      headers.byteOffset,
      headers.byteLength + bytes.length === bytes.buffer.byteLength,
    ]);
    expect(whole).toEqual([
      [0, true],
      [0, true],
    ]);
  });
});

describe('a writer that has finished', () => {
  it('gives what still comes back as it comes, as not the last', () => {
    const bench = new WriterBench();
    bench.stop();
    bench.deliver('late', 'later').deliver('latest');
    expect(bench.returns.map(({ last, runs }) => ({ last, runs }))).toEqual([
      { last: true, runs: [] },
      { last: false, runs: [['late', 'later']] },
      { last: false, runs: [['latest']] },
    ]);
    expect(bench.returns.at(-1)?.progress).toMatchObject({ handedFrames: 3, writtenFrames: 0 });
  });

  it('does not hear of the end of an old write', () => {
    const bench = busyBench();
    bench.stop();
    bench.writer.closed();
    bench.socket.complete();
    expect([bench.returns.length, bench.reports, bench.writer.progress.writtenFrames]).toEqual([1, [], 0]);
  });
});

describe('a socket that closes over a write', () => {
  it('of which nobody knows how much was taken gives all of it back, then what waited', () => {
    const bench = busyBench();
    bench.socket.knowsBacklog = false;
    bench.writer.noteProgress();
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returns.map(({ runs }) => runs)]).toEqual([
      0,
      [[['one', 'two', 'three'], ['four']]],
    ]);
  });

  it.each([
    [0, 0],
    [3, 0],
    [4, 1],
    [7, 1],
    [8, 2],
    [13, 2],
    [14, 3],
  ])('and took %d bytes of it leaves %d frames written, and the rest comes back', (taken, frames) => {
    const bench = busyBench();
    bench.socket.taken = taken;
    bench.writer.noteProgress();
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines]).toEqual([frames, bench.handed.slice(frames)]);
    expect(bench.returns).toHaveLength(1);
  });

  it('never un-takes what it once took', () => {
    const bench = busyBench();
    bench.socket.taken = 8;
    bench.writer.noteProgress();
    bench.socket.taken = 0;
    bench.writer.noteProgress();
    bench.writer.closed();
    expect(bench.writtenFrames).toBe(2);
  });

  it('counts what the kernel took of a write as it began', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.socket.takesFirst = 8;
    bench.deliver('one', 'two', 'three');
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines]).toEqual([2, ['three']]);
  });

  it('after it failed says no more how far it had got', () => {
    const bench = busyBench();
    bench.socket.errored = new Error('EPIPE');
    bench.socket.taken = 14;
    bench.writer.noteProgress();
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines]).toEqual([0, ['one', 'two', 'three', 'four']]);
  });

  it('gives back the rest of a large run in its order', () => {
    const lines = Array.from({ length: 4 }, (_, i) => lineOf(30_000, `${i}`));
    const bench = new WriterBench();
    bench.socket.mood = 'blocks';
    bench.deliver(...lines).deliver('last');
    bench.writer.closed();
    expect(bench.returnedLines).toEqual([...lines, 'last']);
  });
});

describe('a write that fails', () => {
  it('at once is returned, not written, with what came after it', () => {
    const bench = new WriterBench();
    bench.socket.mood = 'fails';
    bench.deliver('one').deliver('two');
    bench.writer.closed();
    expect(bench.socket.writes).toEqual(['one\n']);
    expect([bench.writtenFrames, bench.returnedLines, bench.reports]).toEqual([0, ['one', 'two'], []]);
  });

  // Node counts a failed write as over before it calls back, so that writableLength is 0 then as after a good one.
  it('later is returned, not written, with what waited behind it', () => {
    const bench = busyBench();
    bench.socket.fail();
    bench.socket.destroy();
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines, bench.reports]).toEqual([0, bench.handed, []]);
    expect(bench.socket.writes).toHaveLength(1);
  });

  // A destroyed socket calls back for the write under way without an error, and closes only after that.
  it('because its socket was destroyed is returned, not written, with what waited behind it', () => {
    const bench = busyBench();
    bench.socket.destroy();
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines, bench.reports]).toEqual([0, bench.handed, []]);
  });

  it('because a session that leaves was given up on leaves what was taken by then written', () => {
    const bench = busyBench();
    bench.stop();
    bench.socket.taken = 8;
    bench.writer.noteProgress();
    bench.socket.destroy();
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines]).toEqual([2, ['three', 'four']]);
    expect(bench.returns).toHaveLength(1);
  });
});

describe('a socket that is gone before it closes', () => {
  it('is written to no more: mail waits for the return', () => {
    const bench = new WriterBench();
    bench.socket.destroy();
    bench.deliver('one');
    expect([bench.reports, bench.returns]).toEqual([[], []]);
    bench.writer.closed();
    expect([bench.writtenFrames, bench.returnedLines]).toEqual([0, ['one']]);
  });
});
