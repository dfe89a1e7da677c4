/** Who proves that a name is its own gets it from whoever has it, behind all mail that the other had in hand. */
import { describe, expect, it } from 'vitest';
import { MAX_WAITING_A_NAME } from '../../../../workers/names/name-queue.ts';
import { NO_PROGRESS, ShardBench } from '../../../helpers/unit/shard/bench.ts';

const strict = () => new ShardBench({ strict: true });
const prove = (bench: ShardBench, number: number, name = 'bob') =>
  bench.attach(number, name, false, NO_PROGRESS, true).work();
/** The attachments that were told to end, in order. */
const toldToEnd = (bench: ShardBench) =>
  bench.said.flatMap((value) => (value.kind === 'takenOver' ? [value.number] : []));

describe('a peer that proves its name', () => {
  it.each([true, false])('gets what the other has not written, then what came meanwhile (strict: %s)', (isStrict) => {
    const bench = new ShardBench({ strict: isStrict }).attach(1, 'bob').message(9, 'bob', 'one', 'two').work();
    prove(bench, 2).message(9, 'bob', 'three').work();
    expect([toldToEnd(bench), bench.standings.at(-1)]).toEqual([[1], [2, 'waiting', 0]]);
    bench.leave(1, { written: 1 }).work();
    expect(bench.standings.at(-1)?.slice(0, 2)).toEqual([2, 'receiving']);
    expect(bench.delivered(2)).toEqual(['two', 'three']);
  });

  it('comes before all that wait, and they are told to end, too', () => {
    const bench = strict().attach(1, 'bob').attach(2, 'bob').attach(3, 'eve');
    prove(bench, 4);
    expect(toldToEnd(bench)).toEqual([1, 2]);
    bench.leave(1).work();
    expect(bench.standings.at(-1)?.slice(0, 2)).toEqual([4, 'receiving']);
  });

  it('ends those that only send under its name, though nobody receives under it', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'bob').leave(1).work();
    prove(bench, 3);
    expect([toldToEnd(bench), bench.standings.at(-1)]).toEqual([[2], [3, 'receiving', 0]]);
  });

  it('ends those that only send under its name, though that was forgotten meanwhile', () => {
    const bench = new ShardBench({ holdSeconds: 0 }).attach(1, 'bob').attach(2, 'bob').leave(1).work();
    prove(bench, 3);
    expect(toldToEnd(bench)).toEqual([2]);
  });

  it('is itself ended by the next one, also while it waits', () => {
    const bench = strict().attach(1, 'bob');
    prove(prove(bench, 2), 3);
    expect(toldToEnd(bench)).toEqual([1, 1, 2]);
    bench.leave(1).work();
    expect(bench.standings.at(-1)?.slice(0, 2)).toEqual([3, 'receiving']);
  });

  it('ends nobody where the name is free, and no one who comes later', () => {
    const bench = prove(strict(), 1).attach(2, 'bob').work();
    expect([toldToEnd(bench), bench.standings.at(-1)]).toEqual([[], [2, 'waiting', 0]]);
  });

  it('is refused where as many wait as may', () => {
    const bench = strict().attach(1, 'bob');
    for (let i = 0; i < MAX_WAITING_A_NAME; i++) bench.attach(2 + i, 'bob');
    expect(prove(bench, 1_000).standings.at(-1)).toEqual([1_000, 'refused', 0]);
  });
});
