import { describe, expect, it } from 'vitest';
import { FrameQueue } from '../../../src/shared/wire/frames/frame-queue.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  framesFrom,
  framesUpTo,
  framesWithin,
  newFrames,
  ownFrames,
} from '../../../src/shared/wire/frames/frames.ts';
import { framesOf, heldAtOf, lineOf, linesOf } from '../../helpers/unit/frames.ts';

function queueOf(...lines: string[]): FrameQueue {
  const queue = new FrameQueue();
  queue.pushRun(framesOf(lines));
  return queue;
}

const all = (queue: FrameQueue) => linesOf(queue.takeRun(Number.POSITIVE_INFINITY));

describe('a queue of frames', () => {
  it('gives them back in their order, with their headers', () => {
    const queue = new FrameQueue();
    queue.push(Buffer.from('--one\n--'), 2, 4, 3, 77, 5);
    const run = queue.takeRun(100);
    expect([linesOf(run), [...run.headers]]).toEqual([['one'], [4, 3, 77, 5]]);
  });

  it('keeps a copy, which a later change of the source does not reach', () => {
    const source = Buffer.from('one\n');
    const queue = new FrameQueue();
    queue.push(source, 0, 4, 0, 0, 0);
    source.fill('x');
    expect(all(queue)).toEqual(['one']);
  });

  it('keeps no more memory alive than it needs for a small frame', () => {
    const queue = new FrameQueue();
    queue.push(Buffer.alloc(1024 * 1024, 'x\n'), 0, 2, 0, 0, 0);
    expect(queue.takeRun(10).bytes.buffer.byteLength).toBe(2 + FRAME_HEADER_WORDS * 4);
  });

  it('counts frames and bytes', () => {
    const queue = queueOf('one', 'three');
    expect([queue.count, queue.bytes]).toEqual([2, 10]);
    queue.takeRun(4);
    expect([queue.count, queue.bytes]).toEqual([1, 6]);
  });

  it('takes a frame that is larger than its largest segment', () => {
    const lines = ['a', lineOf(200_000), 'b', lineOf(70_000), 'c'];
    expect(all(queueOf(...lines))).toEqual(lines);
  });

  it('keeps its order over many segments, while it is filled and emptied', () => {
    const queue = new FrameQueue();
    const sent = Array.from({ length: 3000 }, (_, i) => `${i}${'.'.repeat(i % 100)}`);
    const got: string[] = [];
    for (const line of sent) {
      queue.pushRun(framesOf([line]));
      if (queue.bytes > 100_000) got.push(...linesOf(queue.takeRun(30_000)));
    }
    expect([...got, ...all(queue)]).toEqual(sent);
  });
});

describe('the front of a queue', () => {
  it('is what fits, frame by frame', () => {
    const queue = queueOf('one', 'two', 'three');
    const extents = [0, 3, 4, 7, 8, 13, 14].map((bytes) => queue.extent(bytes, false));
    expect(extents.map(({ count }) => count)).toEqual([0, 0, 1, 1, 2, 2, 3]);
    expect(extents.map(({ bytes }) => bytes)).toEqual([0, 0, 4, 4, 8, 8, 14]);
  });

  it('is one frame at least where that is asked for', () => {
    const queue = queueOf('one', 'two');
    expect(queue.extent(-5, true)).toEqual({ count: 1, bytes: 4 });
    expect(new FrameQueue().extent(100, true)).toEqual({ count: 0, bytes: 0 });
  });

  it('does not begin with a later frame because the first is too large', () => {
    expect(queueOf('a long one', 'b').extent(5, false)).toEqual({ count: 0, bytes: 0 });
  });

  it('is taken to where it is to stand', () => {
    const queue = queueOf('one', 'two', 'three');
    const headers = new Int32Array(3 + 2 * FRAME_HEADER_WORDS);
    const bytes = Buffer.alloc(10, '-');
    queue.take(2, headers, 3, bytes, 1);
    expect(bytes.toString()).toBe('-one\ntwo\n-');
    expect([...headers]).toEqual([0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0]);
    expect(all(queue)).toEqual(['three']);
  });
});

describe('mail that comes back to a queue', () => {
  it('goes before all others, oldest first', () => {
    const queue = queueOf('five', 'six');
    queue.unshift([framesOf(['one', 'two']), framesOf([]), framesOf(['three', 'four'])], 9);
    expect([queue.count, queue.bytes]).toEqual([6, 4 + 4 + 6 + 5 + 5 + 4]);
    expect(all(queue)).toEqual(['one', 'two', 'three', 'four', 'five', 'six']);
  });

  it('goes before what was left of mail that came back earlier', () => {
    const queue = queueOf();
    queue.unshift([framesOf(['three', 'four', 'five'])], 9);
    queue.takeRun(6);
    queue.unshift([framesOf(['two', 'three'])], 9);
    expect(all(queue)).toEqual(['two', 'three', 'four', 'five']);
  });

  it('is held from now on, or from when it was held first', () => {
    const queue = queueOf();
    queue.unshift([framesOf(['one'], 3), framesOf(['two'], 0)], 9);
    expect(heldAtOf(queue.takeRun(100))).toEqual([3, 9]);
  });

  it('is not grown by what comes after it', () => {
    const queue = queueOf();
    const run = framesOf(['one']);
    queue.unshift([run], 9);
    queue.pushRun(framesOf(['two']));
    expect([run.count, linesOf(run)]).toEqual([1, ['one']]);
    expect(all(queue)).toEqual(['one', 'two']);
  });
});

describe('what a queue holds for too long', () => {
  const dropped = (queue: FrameQueue, oldest: number) => {
    const lines: string[] = [];
    queue.dropHeldBefore(oldest, (frame) => lines.push(...linesOf(frame)));
    return lines;
  };

  it('is dropped from the front', () => {
    const queue = new FrameQueue();
    for (const time of [1, 2, 3]) queue.pushRun(framesOf([`at ${time}`], time));
    expect(dropped(queue, 3)).toEqual(['at 1', 'at 2']);
    expect([queue.count, queue.bytes, all(queue)]).toEqual([1, 5, ['at 3']]);
  });

  it('is nothing at exactly its age', () => {
    const queue = new FrameQueue();
    queue.pushRun(framesOf(['one'], 5));
    expect([dropped(queue, 5), dropped(queue, 6), dropped(queue, 6)]).toEqual([[], ['one'], []]);
  });
});

describe('a run of frames', () => {
  const run = framesOf(['one', 'two', 'three'], 4, 2);

  it('is cut between two frames, as a view', () => {
    expect(linesOf(framesUpTo(run, 2, 8))).toEqual(['one', 'two']);
    expect(linesOf(framesFrom(run, 2, 8))).toEqual(['three']);
    expect(framesFrom(run, 2, 8).bytes.buffer).toBe(run.bytes.buffer);
    expect(linesOf(framesFrom(run, 3, 14))).toEqual([]);
  });

  it('holds so many whole frames within a number of bytes', () => {
    const within = [-1, 3, 4, 7, 8, 13, 14, 99].map((bytes) => framesWithin(run, bytes));
    expect(within.map(({ count }) => count)).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
    expect(within.map(({ length }) => length)).toEqual([0, 0, 4, 4, 8, 8, 14, 14]);
  });

  it('is copied with its headers into a buffer of its own', () => {
    const own = ownFrames(framesUpTo(framesFrom(run, 1, 4), 1, 4));
    expect([linesOf(own), own.headers[FRAME_BODY], own.headers[FRAME_HELD_AT]]).toEqual([['two'], 2, 4]);
    expect(own.bytes.buffer).toBe(own.headers.buffer);
    expect(own.bytes.buffer.byteLength).toBe(FRAME_HEADER_WORDS * 4 + 4);
  });

  it('of no frames has no bytes', () => {
    expect(newFrames(0, 0)).toMatchObject({ count: 0, headers: new Int32Array(0), bytes: new Uint8Array(0) });
  });
});
