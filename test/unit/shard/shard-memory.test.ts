import { describe, expect, it } from 'vitest';
import { ShardBench } from '../../helpers/unit/shard/bench.ts';

const HOLD = { holdSeconds: 100 };
const away = (settings = {}) => new ShardBench({ ...HOLD, ...settings }).attach(1, 'bob').leave(1).work();

describe('held mail', () => {
  it('is kept to its age, and dropped past it', () => {
    const bench = away().message(9, 'bob', 'old').pass(1).message(9, 'bob', 'new').pass(99);
    expect(bench.stats.heldMessages).toBe(2);
    expect(bench.pass(1).stats).toMatchObject({ heldMessages: 1, heldBytes: 4, dropped: { TOO_OLD: 1 } });
    expect([bench.budget.used, bench.attach(2, 'bob').delivered(2)]).toEqual([4, ['new']]);
  });

  it('that is too old is not delivered, though no sweep has come by', () => {
    const bench = away().message(9, 'bob', 'old').work();
    for (let i = 0; i < 5000; i++) bench.attach(100 + i, `name ${i}`);
    bench.now += 101;
    bench.work().shard.tick();
    expect(bench.attach(2, 'bob').delivered(2)).toEqual([]);
    expect(bench.stats.dropped.TOO_OLD).toBe(1);
  });

  it('that came back keeps the age it had', () => {
    const bench = away().message(9, 'bob', 'old').pass(60).attach(2, 'bob').leave(2).pass(60);
    expect(bench.stats).toMatchObject({ heldMessages: 0, dropped: { TOO_OLD: 1 } });
  });

  it('that was never held before it came back is as old as its return', () => {
    const bench = new ShardBench(HOLD).attach(1, 'bob').message(9, 'bob', 'one').pass(500).leave(1).pass(100);
    expect(bench.stats.heldMessages).toBe(1);
    expect(bench.pass(1).stats.heldMessages).toBe(0);
  });

  it('is held as long in the year 2040 as in any other', () => {
    const bench = new ShardBench(HOLD);
    bench.now = Date.UTC(2040, 0) / 1000;
    bench.pass(0).attach(1, 'bob').leave(1).message(9, 'bob', 'one').pass(50).attach(2, 'bob');
    expect(bench.delivered(2)).toEqual(['one']);
  });
});

describe('a name that is away', () => {
  it('is remembered for as long as its mail would be, and no longer', () => {
    const bench = away().pass(100);
    expect(bench.stats).toMatchObject({ names: 1, namesAway: 1 });
    expect(bench.pass(1).stats).toMatchObject({ names: 0, namesAway: 0 });
    expect(bench.message(9, 'bob', 'late').stats.dropped.UNKNOWN_NAME).toBe(1);
  });

  it('is remembered as long as mail waits for it', () => {
    const bench = away().pass(90).message(9, 'bob', 'one').pass(90);
    expect(bench.stats).toMatchObject({ names: 1, heldMessages: 1 });
    expect(bench.pass(11).stats).toMatchObject({ names: 0, heldMessages: 0 });
  });

  it('is not forgotten while it is here', () => {
    const bench = away().attach(2, 'bob').pass(500).message(9, 'bob', 'hi');
    expect([bench.delivered(2), bench.stats.names]).toEqual([['hi'], 1]);
  });

  it('may be swept for over many ticks, and is found among many', () => {
    const bench = new ShardBench(HOLD);
    for (let i = 0; i < 40_000; i++) bench.attach(i + 1, `name ${i}`);
    for (let i = 0; i < 40_000; i++) bench.returned(i + 1, `name ${i}`, [], true);
    expect(bench.stats.namesAway).toBe(40_000);
    expect(bench.pass(101).pass(0).pass(0).stats).toMatchObject({ names: 0, namesAway: 0, attachments: 0 });
  });
});

describe('the limit of names that are away', () => {
  const three = (maxNames: number) => {
    const bench = new ShardBench({ maxNames });
    for (const [index, name] of ['bob', 'eve', 'zed'].entries()) bench.attach(index + 1, name).leave(index + 1);
    return bench;
  };

  it.each([1, 2])(
    'of %d: the one that has been away longest is forgotten, and mail for it is for an unknown name',
    (maxNames) => {
      const bench = three(maxNames).message(9, ['bob', 'eve', 'zed'], 'hi');
      expect(bench.stats).toMatchObject({ names: maxNames, namesAway: maxNames, heldMessages: maxNames });
      expect(bench.stats.dropped.UNKNOWN_NAME).toBe(3 - maxNames);
      expect(bench.attach(4, 'zed').delivered(4)).toEqual(['hi']);
    },
  );

  it('does not forget a name that has mail waiting, nor the one that has just left', () => {
    const bench = new ShardBench({ maxNames: 1 }).attach(1, 'bob').leave(1).message(9, 'bob', 'hi');
    for (const [index, name] of ['eve', 'zed'].entries()) bench.attach(index + 2, name).leave(index + 2);
    expect(bench.message(9, ['eve', 'zed'], 'hi').stats).toMatchObject({ namesAway: 2, heldMessages: 2 });
    expect([bench.attach(4, 'bob').delivered(4), bench.attach(5, 'zed').delivered(5)]).toEqual([['hi'], ['hi']]);
  });

  it('forgets first what left first, also of those that were found in the store', async () => {
    const before = new ShardBench();
    for (const [index, name] of ['zed', 'bob', 'eve'].entries())
      before
        .attach(index + 1, name)
        .leave(index + 1)
        .pass(1);
    before.flush(1).work();
    const bench = new ShardBench({ maxNames: 2 }, Number.POSITIVE_INFINITY, before.store);
    await bench.load();
    expect(bench.message(9, ['zed', 'bob', 'eve'], 'hi').stats.heldMessages).toBe(2);
    expect(bench.attach(4, 'zed').delivered(4)).toEqual([]);
  });

  it('is reported, at most once a minute', () => {
    const bench = three(1);
    const said = () => bench.said.filter((value) => value.kind === 'limited');
    expect(said()).toEqual([{ kind: 'limited', limit: 'MAX_NAMES', name: '' }]);
    bench.pass(59).attach(4, 'amy').leave(4).work();
    expect(said()).toHaveLength(1);
    bench.pass(1).attach(5, 'joe').leave(5).work();
    expect(said()).toHaveLength(2);
  });

  it('is at its limit, and holds them all', () => {
    expect(three(3).stats).toMatchObject({ names: 3, namesAway: 3 });
  });

  it('does not drop mail that comes back', () => {
    const bench = three(1).attach(4, 'amy').message(9, 'amy', 'hi').leave(4);
    expect(bench.stats).toMatchObject({ namesAway: 1, heldMessages: 1 });
  });

  it('has room again when one comes back, and again when one is forgotten', () => {
    const bench = three(1).attach(4, 'bob').attach(5, 'amy').leave(5);
    expect(bench.message(9, 'amy', 'hi').stats.heldMessages).toBe(1);
    bench.pass(5000).attach(6, 'joe').leave(6);
    expect(bench.stats).toMatchObject({ names: 2, namesAway: 1 });
  });
});

describe('where nothing is held', () => {
  const NOTHING = { holdSeconds: 0 };

  it('a name that has left is unknown', () => {
    const bench = away(NOTHING).message(9, 'bob', 'one');
    expect(bench.stats).toMatchObject({ names: 0, heldMessages: 0, dropped: { UNKNOWN_NAME: 1 } });
    expect([bench.notices, bench.attach(2, 'bob').delivered(2)]).toEqual([['9 unknown bob'], []]);
  });

  it('mail that comes back is dropped and counted', () => {
    const bench = new ShardBench(NOTHING).attach(1, 'bob').message(9, 'bob', 'one', 'two').leave(1, { written: 1 });
    expect(bench.stats).toMatchObject({ returned: 1, heldMessages: 0, dropped: { NOTHING_HELD: 1 } });
  });

  it('mail still waits for a peer that is here, of whatever age, and is dropped when that leaves', () => {
    const bench = new ShardBench({ ...NOTHING, writeWindowBytes: 2 }).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c');
    expect(bench.pass(10_000).write(1).delivered(1)).toEqual(['a', 'b']);
    expect(bench.leave(1).stats).toMatchObject({ heldMessages: 0, heldBytes: 0, dropped: { NOTHING_HELD: 2 } });
    expect(bench.budget.used).toBe(0);
  });

  it('mail for a name that is free but unaccounted for is unknown', () => {
    const bench = new ShardBench(NOTHING).attach(1, 'bob').message(9, 'bob', 'one').leave(1, { inFlight: 1 });
    expect(bench.message(9, 'bob', 'two').stats.dropped.UNKNOWN_NAME).toBe(1);
    expect(bench.giveBack(1).stats).toMatchObject({ names: 0, attachments: 0 });
  });
});

describe('a name that is not remembered', () => {
  it.each(['~probe', '~', 'a,b', 'a:b', ' bob', 'bob ', '\u00c2\u0085x'])('is forgotten as it leaves: %j', (name) => {
    const bench = new ShardBench(HOLD).attach(1, name).message(9, name, 'one').leave(1);
    expect(bench.stats).toMatchObject({ names: 0, heldMessages: 0, dropped: { NOTHING_HELD: 1 } });
    expect(bench.attach(2, name).delivered(2)).toEqual([]);
  });

  it.each(['', '__proto__', '\0', 'a~b', 'a b', '\u00ef\u00bb\u00bfbob'])('is none of these: %j', (name) => {
    const bench = new ShardBench(HOLD).attach(1, name).message(9, name, 'one').leave(1).message(9, name, 'two');
    expect(bench.attach(2, name).delivered(2)).toEqual(['one', 'two']);
  });

  it('is fed live as any other', () => {
    expect(new ShardBench(HOLD).attach(1, '~probe').message(1, '~probe', 'hi').delivered(1)).toEqual(['hi']);
  });
});
