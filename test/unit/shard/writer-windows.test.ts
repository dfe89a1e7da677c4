/** What each writer may have in hand, counted without a shard around it. */
import { describe, expect, it } from 'vitest';
import { Attachment } from '../../../workers/names/attachment.ts';
import { Name } from '../../../workers/names/name.ts';
import { WriterWindows } from '../../../workers/shard/delivery/writer-windows.ts';
import { framesOf } from '../../helpers/unit/frames.ts';
import { BENCH_SETTINGS } from '../../helpers/unit/samples.ts';
import { NO_PROGRESS } from '../../helpers/unit/shard/bench.ts';

const name = new Name(Buffer.from('bob'), 0, 1);

/** The windows of writers that may have 100 bytes each, and 150 together. */
function bench(settings: { unreportedBytes?: number; writeWindowBytes?: number } = {}) {
  const turn = { bytes: 0 };
  const limits = { writeWindowBytes: 100, firstWindowBytes: 100, handedBytes: 150 };
  const windows = new WriterWindows({ ...BENCH_SETTINGS, ...limits, ...settings }, turn);
  const begin = (number: number, progress = NO_PROGRESS) => {
    const attachment = new Attachment(number, name, progress, 100);
    windows.began(attachment);
    return attachment;
  };
  /** Hands one frame of so many bytes to a writer. */
  const hand = (attachment: Attachment, bytes: number) => {
    attachment.noteHanded(1, bytes);
    windows.handed(bytes);
  };
  return { turn, windows, begin, hand };
}

describe('the window of a writer', () => {
  it('has room for what it has not in hand', () => {
    const { windows, begin, hand } = bench();
    const bob = begin(1);
    hand(bob, 60);
    expect([windows.roomOf(bob), windows.fits(bob, 40), windows.fits(bob, 41)]).toEqual([40, true, false]);
  });

  it('takes any frame while the writer may have written all it has', () => {
    const { windows, begin, hand } = bench({ unreportedBytes: 10 });
    const bob = begin(1);
    hand(bob, 10);
    expect([windows.mayHaveWrittenAll(bob), windows.fits(bob, 1000)]).toEqual([true, true]);
    hand(bob, 1);
    expect([windows.mayHaveWrittenAll(bob), windows.fits(bob, 1000)]).toEqual([false, false]);
  });

  it('has room again for what is written, and for what is given back', () => {
    const { windows, begin, hand } = bench();
    const bob = begin(1);
    hand(bob, 50);
    hand(bob, 4);
    expect(windows.written(bob, 1, 50)).toBe(true);
    expect(windows.roomOf(bob)).toBe(96);
    expect(windows.returned(bob, [framesOf(['two'])])).toBe(true);
    expect(windows.roomOf(bob)).toBe(100);
  });
});

describe('the windows of all writers', () => {
  it('open when so much is reported written, and not when it is reported again', () => {
    const { windows, begin, hand } = bench({ writeWindowBytes: 400 });
    const bob = begin(1);
    for (let i = 1; i <= 16; i++) {
      expect(windows.roomOf(bob)).toBe(100);
      hand(bob, 100);
      expect([windows.written(bob, i, i * 100), windows.written(bob, i, i * 100)]).toEqual([true, false]);
    }
    expect(windows.roomOf(bob)).toBe(200);
  });

  it('count as nothing while all writers together have too much in hand', () => {
    const { windows, begin, hand } = bench();
    const [bob, eve] = [begin(1), begin(2)];
    hand(bob, 90);
    hand(eve, 60);
    expect([windows.roomOf(bob), windows.roomOf(eve)]).toEqual([-90, -60]);
    windows.written(eve, 1, 60);
    expect([windows.roomOf(bob), windows.roomOf(eve)]).toEqual([10, 100]);
  });

  it('count the frames of this turn as in hand', () => {
    const { turn, windows, begin } = bench();
    const bob = begin(1);
    turn.bytes = 150;
    expect(windows.roomOf(bob)).toBe(0);
  });

  it('count what a writer has in hand from a crashed life', () => {
    const { windows, begin } = bench();
    begin(1, { ...NO_PROGRESS, handedFrames: 3, handedBytes: 170, writtenFrames: 1, writtenBytes: 20 });
    expect(windows.roomOf(begin(2))).toBe(0);
  });

  it('are not opened by reports that are not true', () => {
    const { windows, begin, hand } = bench();
    const bob = begin(1);
    hand(bob, 60);
    expect([windows.written(bob, 2, 61), windows.returned(bob, [framesOf(['x'.repeat(90)])])]).toEqual([false, false]);
    expect(windows.roomOf(bob)).toBe(40);
  });
});
