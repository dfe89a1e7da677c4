/** A writer whose peer acknowledges: only what it has acknowledged is written, and the rest comes back. */
import { describe, expect, it } from 'vitest';
import { deliveredOf, framesOf, lineOf } from '../../helpers/unit/frames.ts';
import { twoWriteBuffers, WriterBench } from '../../helpers/unit/writer.ts';

/** Hands lines with these numbers to a writer whose peer acknowledges. */
function bench(reportAfterBytes = 0): { bench: WriterBench; deliver: (...numbers: number[]) => void } {
  const of = new WriterBench(reportAfterBytes, twoWriteBuffers(), true);
  const deliver = (...numbers: number[]) => {
    const lines = numbers.map((number) => `#${number}`);
    of.writer.deliver(deliveredOf(framesOf(lines, 0, 0, numbers)));
  };
  return { bench: of, deliver };
}

describe('a frame that its peer acknowledges', () => {
  it('is reported as written then, and not when the system has taken it', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3);
    expect([of.socket.writes, of.reports]).toEqual([['#1\n#2\n#3\n'], []]);
    of.writer.acknowledged(2);
    expect(of.reports).toEqual([[2, 6]]);
    expect(of.writer.progress).toMatchObject({ handedFrames: 3, writtenFrames: 2, writtenBytes: 6, writtenNumber: 2 });
    of.writer.acknowledged(3);
    expect(of.reports).toEqual([
      [2, 6],
      [3, 9],
    ]);
  });

  it('is written as it was handed, and comes back so, however much waits in the same memory', () => {
    const of = new WriterBench(0, twoWriteBuffers(), true);
    const lines = Array.from({ length: 300 }, (_, number) => lineOf(1_000, `${number} `));
    // What waits begins a new buffer in the middle of what is written: that one must not be the one it lies in.
    of.deliver(...lines.slice(0, 20)).deliver(...lines.slice(20, 120));
    of.deliver(...lines.slice(120));
    expect(of.socket.writes.join('').split('\n').slice(0, -1)).toEqual(lines);
    of.stop();
    expect(of.returnedLines).toEqual(lines);
  });

  it('is acknowledged with all before it, once, and whatever else is said', () => {
    const { bench: of, deliver } = bench();
    deliver(5, 6, 9);
    for (const number of [4, 6, 6, 1, -7, 9, 10]) of.writer.acknowledged(number);
    expect(of.reports).toEqual([
      [2, 6],
      [3, 9],
    ]);
  });

  it('may have a number that has begun anew', () => {
    const { bench: of, deliver } = bench();
    deliver(2 ** 31 - 1, -(2 ** 31));
    of.writer.acknowledged(2 ** 31 - 1);
    expect(of.writer.progress.writtenFrames).toBe(1);
    of.writer.acknowledged(-(2 ** 31));
    expect(of.writer.progress.writtenFrames).toBe(2);
  });

  it('is reported late where a little may be unreported, and at once where it may be stored', () => {
    const { bench: of, deliver } = bench(7);
    deliver(1, 2, 3);
    of.writer.acknowledged(2);
    expect(of.reports).toEqual([]);
    of.writer.acknowledged(3);
    expect(of.reports).toEqual([[3, 9]]);
    of.writer.deliver(deliveredOf(framesOf(['#4'], 17, 0, [4])));
    of.writer.acknowledged(4);
    expect(of.reports.at(-1)).toEqual([4, 12]);
  });
});

describe('a frame that is not acknowledged', () => {
  it('comes back in the one return, before what was not written, in its order', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3);
    of.writer.acknowledged(1);
    of.socket.mood = 'blocks';
    deliver(4, 5);
    deliver(6);
    of.stop();
    of.socket.destroy();
    of.writer.closed();
    expect(of.returns.map(({ last }) => last)).toEqual([true]);
    expect(of.returnedLines).toEqual(['#2', '#3', '#4', '#5', '#6']);
    expect(of.writtenFrames).toBe(1);
  });

  it('comes back though the system has taken all of it', () => {
    const { bench: of, deliver } = bench();
    of.socket.mood = 'blocks';
    deliver(1, 2);
    of.socket.taken = 6;
    of.writer.noteProgress();
    of.socket.destroy();
    of.writer.closed();
    expect([of.returnedLines, of.writtenFrames]).toEqual([['#1', '#2'], 0]);
  });

  it('can be acknowledged no more when it has come back', () => {
    const { bench: of, deliver } = bench();
    deliver(1);
    of.stop();
    of.writer.acknowledged(1);
    expect([of.returnedLines, of.reports, of.writer.progress.writtenFrames]).toEqual([['#1'], [], 0]);
  });
});

describe('a frame that its peer rejects', () => {
  it('counts as written, whatever was before it, and is not acknowledged with the others', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3);
    expect(of.writer.rejected(2)?.count).toBe(1);
    expect(of.writer.progress).toMatchObject({ writtenFrames: 1, writtenBytes: 3, writtenNumber: 0 });
    of.writer.acknowledged(3);
    expect(of.writer.progress).toMatchObject({ writtenFrames: 3, writtenBytes: 9, writtenNumber: 3 });
  });

  it('is rejected once, and only while it is not acknowledged', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3);
    of.writer.acknowledged(1);
    expect([2, 2, 1, 4].map((number) => of.writer.rejected(number)?.count)).toEqual([
      1,
      undefined,
      undefined,
      undefined,
    ]);
    expect(of.writer.progress.writtenFrames).toBe(2);
  });

  it('has a number that is known until all before it are done with, also when the session has ended', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3, 4, 5);
    for (const number of [2, 5]) of.writer.rejected(number);
    expect(of.writer.rejectedNumbers).toEqual([2, 5]);
    of.writer.acknowledged(3);
    expect(of.writer.rejectedNumbers).toEqual([5]);
    of.stop();
    expect(of.writer.rejectedNumbers).toEqual([5]);
  });

  it('is not kept when all before it are done with, which its number says then', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3, 4, 5);
    const done = () => [of.writer.progress.writtenNumber, of.writer.rejectedNumbers];
    of.writer.rejected(1);
    expect(done()).toEqual([1, []]);
    for (const number of [3, 4]) of.writer.rejected(number);
    expect(done()).toEqual([1, [3, 4]]);
    of.writer.acknowledged(2);
    expect(done()).toEqual([4, []]);
    expect(of.writer.progress.writtenFrames).toBe(4);
  });

  it('does not come back when the session ends', () => {
    const { bench: of, deliver } = bench();
    deliver(1, 2, 3);
    of.writer.rejected(2);
    of.scope[Symbol.dispose]();
    expect(of.returns.map(({ runs }) => runs)).toEqual([[['#1', '#3']]]);
    expect(of.writer.progress.writtenFrames).toBe(1);
    expect(of.writer.rejected(3)).toBeUndefined();
  });
});
