import { describe, expect, it } from 'vitest';
import { lineOf } from '../../helpers/unit/frames.ts';
import { ShardBench } from '../../helpers/unit/shard/bench.ts';

const WINDOW = 100;
const bob = () => new ShardBench({ writeWindowBytes: WINDOW }).attach(1, 'bob').attach(2, 'eve');

describe('the window of a writer', () => {
  it('is never passed: what does not fit waits in the mailbox', () => {
    const bench = bob().message(9, 'bob', ...Array(30).fill(lineOf(10)));
    expect([bench.delivered(1).length, bench.stats.heldMessages]).toEqual([10, 20]);
  });

  it('may be filled to its last byte, and not one more', () => {
    const bench = bob().message(9, 'bob', lineOf(60), lineOf(40), lineOf(1));
    expect(bench.delivered(1)).toHaveLength(2);
    const over = bob().message(9, 'bob', lineOf(60), lineOf(41));
    expect(over.delivered(1)).toHaveLength(1);
  });

  it('opens by what is reported written, for as much of the mailbox as fits', () => {
    const bench = bob().message(9, 'bob', ...Array(12).fill(lineOf(10)), lineOf(11), lineOf(10));
    expect(bench.write(1, 1).delivered(1)).toHaveLength(11);
    expect(bench.write(1, 2).delivered(1)).toHaveLength(12);
    expect(bench.write(1, 1).delivered(1)).toHaveLength(13);
  });

  it('is full of one frame that is larger, which goes alone', () => {
    const bench = bob().message(9, 'bob', lineOf(500), 'small', lineOf(500), 'last');
    const lengths = [0, 1, 1, 1].map((count) => bench.write(1, count).delivered(1).length);
    expect(lengths).toEqual([1, 2, 3, 4]);
  });

  it('lets a larger frame wait until nothing is outstanding', () => {
    const bench = bob().message(9, 'bob', 'one', 'two', lineOf(500));
    expect(bench.write(1, 1).delivered(1)).toHaveLength(2);
    expect(bench.write(1, 1).delivered(1)).toHaveLength(3);
  });

  it('lets nothing newer pass what waits, though it would fit', () => {
    const bench = bob().message(9, 'bob', lineOf(60), lineOf(60), 'small');
    expect(bench.delivered(1)).toHaveLength(1);
    expect(bench.write(1).message(9, 'bob', 'tiny').delivered(1)).toEqual([lineOf(60), lineOf(60), 'small', 'tiny']);
  });

  it('of one peer that never reads is no matter to another', () => {
    const bench = bob().message(9, ['bob', 'eve'], lineOf(60)).write(2).message(9, ['bob', 'eve'], lineOf(60)).write(2);
    bench.message(9, ['bob', 'eve'], lineOf(60));
    expect([bench.delivered(1).length, bench.delivered(2).length]).toEqual([1, 3]);
  });

  it('has room for one frame, however large, where all before may be written and not reported', () => {
    const bench = new ShardBench({ writeWindowBytes: WINDOW, unreportedBytes: 20 }).attach(1, 'bob');
    expect(bench.message(9, 'bob', lineOf(20), lineOf(500)).delivered(1)).toHaveLength(2);
    expect(bench.message(9, 'bob', lineOf(1)).delivered(1)).toHaveLength(2);
  });

  it('is closed for all while writers have too much in hand together, and open again when they have less', () => {
    const bench = new ShardBench({ writeWindowBytes: WINDOW, handedBytes: 90 }).attach(1, 'bob').attach(2, 'eve');
    bench.message(9, 'bob', ...Array(10).fill(lineOf(10)));
    expect(bench.message(9, 'eve', lineOf(10), lineOf(10)).delivered(2)).toHaveLength(1);
    expect(bench.write(1, 5).write(2).delivered(2)).toHaveLength(2);
    expect(bench.message(9, 'eve', lineOf(10), lineOf(10)).delivered(2)).toHaveLength(4);
  });

  it('counts what a writer gave back as in hand no more', () => {
    const bench = new ShardBench({ writeWindowBytes: WINDOW, handedBytes: 90 }).attach(1, 'bob').attach(2, 'eve');
    bench.message(9, 'bob', ...Array(10).fill(lineOf(10))).leave(1);
    expect(bench.message(9, 'eve', lineOf(10), lineOf(10)).delivered(2)).toHaveLength(2);
  });

  it('holds for mail that waited for the peer to come', () => {
    const bench = bob()
      .leave(1)
      .message(9, 'bob', ...Array(30).fill(lineOf(10)))
      .attach(3, 'bob');
    expect(bench.delivered(3)).toHaveLength(10);
    expect(bench.write(3, 5).delivered(3)).toHaveLength(15);
  });

  it('opens within a batch, and what follows goes behind what waited', () => {
    const bench = bob().message(9, 'bob', lineOf(60), 'a', lineOf(60)).work();
    bench.written(1, 1, 60).message(9, 'bob', 'b').written(1, 2, 62).message(9, 'bob', 'c');
    expect(bench.delivered(1)).toEqual([lineOf(60), 'a', lineOf(60), 'b', 'c']);
  });
});

describe('what is held', () => {
  it('is counted in frames and bytes, and taken from the budget of all', () => {
    const bench = bob().leave(1).message(9, 'bob', 'one', 'three');
    expect(bench.stats).toMatchObject({ heldMessages: 2, heldBytes: 10 });
    expect(bench.budget.used).toBe(10);
  });

  it('is counted no more once it was delivered', () => {
    const bench = bob().leave(1).message(9, 'bob', 'one', 'three').attach(3, 'bob');
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, delivered: 2 });
    expect(bench.budget.used).toBe(0);
  });
});
