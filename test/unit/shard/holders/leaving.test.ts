import { describe, expect, it } from 'vitest';
import { firstNumberAt } from '../../../../src/store/numbers.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** Bob, number 1, has been handed 'one' and 'two'. */
const handedTwo = (settings = {}) => new ShardBench(settings).attach(1, 'bob').message(9, 'bob', 'one', 'two').work();

describe('a peer that leaves', () => {
  it('gives back what it did not write, which is held and delivered first, in order, on return', () => {
    const bench = handedTwo().leave(1).message(9, 'bob', 'three');
    expect(bench.stats).toMatchObject({ heldMessages: 3, heldBytes: 14, returned: 2, namesAway: 1 });
    bench.attach(2, 'bob').message(9, 'bob', 'four');
    expect(bench.delivered(2)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('leaves what it wrote written', () => {
    const bench = handedTwo().leave(1, { written: 1 }).attach(2, 'bob');
    expect([bench.delivered(2), bench.stats.returned]).toEqual([['two'], 1]);
  });

  it('gives back before what still waited in the mailbox', () => {
    const bench = handedTwo({ writeWindowBytes: 8 }).message(9, 'bob', 'three', 'four').leave(1).attach(2, 'bob');
    expect(bench.write(2).write(2).write(2).delivered(2)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('gives back in several runs, which keep their order', () => {
    const bench = handedTwo().leave(1, { inFlight: 1 }).giveBack(1).attach(2, 'bob');
    expect([bench.delivered(2), bench.settled]).toEqual([['one', 'two'], [1]]);
  });

  it('keeps its name until its writer has finished, though mail came back before that', () => {
    const bench = handedTwo().returned(1, 'bob', ['one', 'two']).attach(2, 'bob').message(9, 'bob', 'three');
    expect([bench.attached.at(-1), bench.delivered(1)]).toEqual([
      [2, false],
      ['one', 'two', 'three'],
    ]);
  });

  it('is settled only when every frame is accounted for', () => {
    const bench = handedTwo().leave(1, { inFlight: 1 });
    expect([bench.settled, bench.stats.attachments]).toEqual([[], 1]);
    expect(bench.giveBack(1).settled).toEqual([1]);
  });

  it('is given what came in the same batch before it left, and that comes back too', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'one').returned(1, 'bob', [], true);
    bench.message(9, 'bob', 'two').work();
    expect(bench.delivered(1)).toEqual(['one']);
    expect(bench.giveBack(1).attach(2, 'bob').delivered(2)).toEqual(['one', 'two']);
  });

  it('leaves one frame in one place at a time, over many comings and goings', () => {
    const bench = handedTwo();
    for (let number = 2; number < 20; number++) bench.leave(number - 1).attach(number, 'bob');
    expect(bench.delivered(19)).toEqual(['one', 'two']);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, names: 1, attachments: 1 });
    expect(bench.budget.used).toBe(0);
  });
});

describe('a name freed while frames are unaccounted for', () => {
  const unsettled = () => handedTwo().leave(1, { inFlight: 1 }).attach(2, 'bob');

  it('attaches its next peer, and does not feed it', () => {
    const bench = unsettled().message(9, 'bob', 'three').write(2);
    expect([bench.attached.at(-1), bench.delivered(2)]).toEqual([[2, true], []]);
  });

  it('feeds it when all of them are accounted for, everything in order', () => {
    const bench = unsettled().message(9, 'bob', 'three').giveBack(1).message(9, 'bob', 'four');
    expect(bench.delivered(2)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('feeds a peer that comes later everything in the same order', () => {
    const bench = unsettled().message(9, 'bob', 'three').giveBack(1).leave(2).attach(3, 'bob');
    expect(bench.delivered(3)).toEqual(['one', 'two', 'three']);
  });

  it('still waits for those frames when its next peer, too, leaves before they are back', () => {
    const bench = unsettled().message(9, 'bob', 'three').leave(2).giveBack(1).attach(3, 'bob');
    expect(bench.delivered(3)).toEqual(['one', 'two', 'three']);
    expect([bench.settled, bench.stats.heldMessages]).toEqual([[2, 1], 0]);
  });

  it('does not feed a third peer before they are back', () => {
    const bench = unsettled().leave(2).attach(3, 'bob').message(9, 'bob', 'three');
    expect(bench.delivered(3)).toEqual([]);
    expect(bench.giveBack(1).delivered(3)).toEqual(['one', 'two', 'three']);
  });

  it('holds what comes for it while nobody is attached', () => {
    const bench = handedTwo().leave(1, { inFlight: 2 }).message(9, 'bob', 'three').giveBack(1);
    expect(bench.stats).toMatchObject({ heldMessages: 3, namesAway: 1 });
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['one', 'two', 'three']);
  });

  it('is not counted as away before that', () => {
    const bench = handedTwo().leave(1, { inFlight: 2 });
    expect(bench.stats).toMatchObject({ namesAway: 0, names: 1 });
    expect(bench.pass(5000).pass(5000).stats.names).toBe(1);
  });
});

describe('a late report about an old attachment', () => {
  const successor = () => handedTwo({ writeWindowBytes: 8 }).leave(1).attach(2, 'bob').message(9, 'bob', 'three');

  it('that it has written changes nothing for the newer one', () => {
    const bench = successor().written(1, 2, 8).written(1, 50, 500);
    expect(bench.delivered(2)).toEqual(['one', 'two']);
    expect(bench.write(2, 1).delivered(2)).toEqual(['one', 'two']);
    expect(bench.write(2, 1).delivered(2)).toEqual(['one', 'two', 'three']);
  });

  it('that it has finished does not free the name again', () => {
    const bench = successor().returned(1, 'bob', [], true).attach(3, 'bob');
    expect(bench.attached.at(-1)).toEqual([3, false]);
    expect(bench.write(2).delivered(2)).toEqual(['one', 'two', 'three']);
  });

  it('that it has written, while its frames are unaccounted for, feeds nobody', () => {
    const bench = handedTwo().leave(1, { inFlight: 2 }).attach(2, 'bob').written(1, 1, 4).message(9, 'bob', 'three');
    expect(bench.delivered(2)).toEqual([]);
  });
});

describe('a report that cannot be true', () => {
  it('changes nothing if it says that more was written than was handed, or less than before', () => {
    const bench = handedTwo({ writeWindowBytes: 8 }).message(9, 'bob', 'three');
    bench.written(1, 3, 8).written(1, 2, 9).written(1, -1, 0).written(1, 0, -1).written(77, 2, 8);
    expect(bench.delivered(1)).toEqual(['one', 'two']);
    expect(bench.write(1).delivered(1)).toEqual(['one', 'two', 'three']);
  });

  it('changes nothing if it is true and comes twice', () => {
    const bench = handedTwo({ writeWindowBytes: 8 }).message(9, 'bob', 'three');
    bench.written(1, 1, 4).written(1, 1, 4);
    expect(bench.delivered(1)).toEqual(['one', 'two']);
  });

  it('is counted as malformed if it returns more than was handed, and that is not held', () => {
    const bench = handedTwo().returned(1, 'bob', ['one', 'two', 'three'], true);
    expect(bench.stats).toMatchObject({ malformed: 1, heldMessages: 0 });
    bench.returned(1, 'bob', ['one', 'two!']);
    expect(bench.stats).toMatchObject({ malformed: 2, heldMessages: 0 });
    expect(bench.giveBack(1).stats).toMatchObject({ malformed: 2, heldMessages: 2 });
  });
});

describe('mail returned for an attachment that only a crashed shard knew', () => {
  const first = firstNumberAt(1_000_000);
  const handed = (handedNumber: number) => ({
    name: Buffer.from('bob'),
    handedNumber,
    settledNumber: handedNumber,
    writtenNumber: 0,
    rejectedNumbers: [],
  });

  it('is kept by its name, and settled', async () => {
    const bench = await new ShardBench().load([handed(first + 1)]);
    bench.returned(5, 'bob', ['one', 'two'], true, { numbers: [first, first + 1] }).message(9, 'bob', 'three');
    expect([bench.settled, bench.stats.namesAway]).toEqual([[5], 1]);
    expect(bench.attach(6, 'bob').delivered(6)).toEqual(['one', 'two', 'three']);
  });

  it('takes the place that its numbers say, before what came meanwhile', async () => {
    const bench = await new ShardBench().load([handed(first + 1)]);
    bench.message(9, 'bob', 'three').returned(5, 'bob', ['two'], false, { numbers: [first + 1] });
    bench.message(9, 'bob', 'four').returned(5, 'bob', ['one'], true, { numbers: [first] });
    expect(bench.attach(6, 'bob').delivered(6)).toEqual(['one', 'two', 'three', 'four']);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0 });
  });

  it('is there once, though the store has it as well', async () => {
    const before = new ShardBench().attach(5, 'bob').leave(5).message(9, 'bob', 'one', 'two').work();
    const bench = await new ShardBench({}, Number.POSITIVE_INFINITY, before.store).load([
      { name: Buffer.from('bob'), handedNumber: first + 1, settledNumber: 0, writtenNumber: 0, rejectedNumbers: [] },
    ]);
    bench.returned(5, 'bob', ['two'], true, { numbers: [first + 1], heldAt: [before.now] });
    expect(bench.attach(6, 'bob').delivered(6)).toEqual(['one', 'two']);
  });

  it('in two parts is settled by the last return alone, and counts its name as away once', () => {
    const bench = new ShardBench().returned(5, 'bob', ['one']).returned(5, 'bob', ['zero']);
    expect([bench.settled, bench.stats.namesAway, bench.stats.names]).toEqual([[], 1, 1]);
    expect(bench.attach(6, 'bob').stats.namesAway).toBe(0);
  });

  it('makes no name known where there is no mail', () => {
    const bench = new ShardBench().returned(5, 'bob', [], true);
    expect([bench.settled, bench.stats.names]).toEqual([[5], 0]);
  });

  it('is dropped and counted where nothing is held', () => {
    const bench = new ShardBench({ holdSeconds: 0 }).returned(5, 'bob', ['one', 'two'], true);
    expect(bench.stats).toMatchObject({ names: 0, heldMessages: 0, dropped: { NOTHING_HELD: 2 } });
  });
});
