/** Who waits for a name that is taken, and what waits for who gets it. */
import { describe, expect, it } from 'vitest';
import { MAX_WAITING_A_NAME } from '../../../../workers/names/name-queue.ts';
import { NO_PROGRESS, ShardBench } from '../../../helpers/unit/shard/bench.ts';
import { PaperStore } from '../../../helpers/unit/store.ts';

const strict = () => new ShardBench({ strict: true });

describe('with strictness the second of a name', () => {
  it('waits and gets nothing, and becomes the holder when the first has left', () => {
    const bench = strict().attach(1, 'bob').attach(2, 'bob').message(9, 'bob', 'first');
    expect(bench.delivered(2)).toEqual([]);
    bench.leave(1, { written: 1 }).message(9, 'bob', 'second');
    expect([bench.delivered(1), bench.delivered(2)]).toEqual([['first'], ['second']]);
    expect(bench.standings).toEqual([
      [1, 'receiving', 0],
      [2, 'waiting', 0],
      [2, 'receiving', 0],
    ]);
    expect([bench.settled, bench.notices]).toEqual([[1], []]);
    expect(bench.stats).toMatchObject({ attachments: 1, namesAway: 0 });
  });

  it('has before the third what the first gave back, in order and counted', () => {
    const bench = new ShardBench({ strict: true, writeWindowBytes: 4 });
    bench.attach(1, 'bob').attach(2, 'bob').attach(3, 'bob').message(9, 'bob', 'one', 'two', 'six').leave(1);
    expect(bench.standings.slice(3)).toEqual([[2, 'receiving', 3]]);
    expect(bench.delivered(2)).toEqual(['one']);
    bench.leave(2, { written: 1 });
    expect(bench.standings.slice(4)).toEqual([[3, 'receiving', 2]]);
    bench.write(3).write(3);
    expect(bench.delivered(3)).toEqual(['two', 'six']);
  });

  it('is fed only when what was in flight to the first is back, and that is counted too', () => {
    const bench = strict().attach(1, 'bob').attach(2, 'bob').message(9, 'bob', 'one', 'two').work();
    bench.leave(1, { inFlight: 1 }).message(9, 'bob', 'new');
    expect([bench.standings.at(-1), bench.delivered(2)]).toEqual([[2, 'receiving', 2], []]);
    expect(bench.giveBack(1).delivered(2)).toEqual(['one', 'two', 'new']);
  });

  it('that leaves while it waits is not waited for, and frees nothing', () => {
    const bench = strict().attach(1, 'bob').attach(2, 'bob').attach(3, 'bob').leave(2).message(9, 'bob', 'one');
    expect([bench.delivered(1), bench.settled]).toEqual([['one'], [2]]);
    bench.leave(1);
    expect([bench.standings.at(-1), bench.delivered(3)]).toEqual([[3, 'receiving', 1], ['one']]);
  });

  it('that was the last leaves the name as free as any', () => {
    const bench = strict().attach(1, 'bob').attach(2, 'bob').leave(1).leave(2).message(9, 'bob', 'held');
    expect(bench.stats).toMatchObject({ attachments: 0, namesAway: 1, heldMessages: 1 });
    expect(bench.attach(3, 'bob').delivered(3)).toEqual(['held']);
  });

  it('waits for its own name alone', () => {
    const bench = strict().attach(1, 'bob').attach(2, 'bob').attach(3, 'eve').attach(4, 'eve').leave(3);
    expect(bench.standings.slice(4)).toEqual([[4, 'receiving', 0]]);
  });

  it('is refused where as many wait as may, and leaves no trace', () => {
    const bench = strict().attach(1, 'bob');
    for (let i = 0; i <= MAX_WAITING_A_NAME; i++) bench.attach(2 + i, 'bob');
    const refused = 2 + MAX_WAITING_A_NAME;
    expect(bench.standings.slice(-2)).toEqual([
      [refused - 1, 'waiting', 0],
      [refused, 'refused', 0],
    ]);
    expect(bench.stats.attachments).toBe(1 + MAX_WAITING_A_NAME);
    expect(bench.returned(refused, 'bob', [], true).settled).toEqual([refused]);
    expect(bench.stats.malformed).toBe(0);
    bench.leave(2).attach(refused + 1, 'bob');
    expect(bench.standings.at(-1)).toEqual([refused + 1, 'waiting', 0]);
  });

  it('is not counted twice among those whose mail must be delivered before an end', () => {
    const bench = new ShardBench({ strict: true, writeWindowBytes: 1 });
    bench.attach(1, 'bob').attach(2, 'bob').message(9, 'bob', 'one', 'two', 'six').flush(7);
    expect(bench.said).toContainEqual(expect.objectContaining({ kind: 'flushed', flushId: 7, waiting: 2 }));
  });
});

describe('what waits for a peer that comes', () => {
  it('is said: all that was held, wherever it lies', () => {
    const bench = new ShardBench({ frontBytes: 1 }).attach(1, 'bob').leave(1).message(9, 'bob', 'one', 'two', 'six');
    expect(bench.attach(2, 'bob').standings.at(-1)).toEqual([2, 'receiving', 3]);
    expect(bench.attach(3, 'bob').standings.at(-1)).toEqual([3, 'send-only', 0]);
  });

  it('is what came back too, unless nothing is held for the name', () => {
    const waited = (name: string, holdSeconds: number) => {
      const bench = new ShardBench({ holdSeconds }).attach(1, name).message(9, name, 'one').work();
      return bench.leave(1, { inFlight: 1 }).attach(2, name).standings.at(-1)?.[2];
    };
    expect([waited('bob', 100), waited('bob', 0), waited('~bob', 100)]).toEqual([1, 0, 0]);
  });

  it('is said to peers of a crashed shard once all that came back is known, in the order they are told of', () => {
    const bench = new ShardBench({ strict: true }, Number.POSITIVE_INFINITY, new PaperStore(), false);
    const handed = { ...NO_PROGRESS, handedFrames: 2, handedBytes: 8, handedNumber: 4098 };
    bench.attach(1, 'bob', false, handed).attach(2, 'bob').attach(3, 'bob').work();
    expect(bench.standings).toEqual([]);
    bench.returned(8, 'bob', ['old'], true, { numbers: [4096] }).begin();
    expect(bench.standings).toEqual([
      [1, 'receiving', 1],
      [2, 'waiting', 0],
      [3, 'waiting', 0],
    ]);
  });
});
