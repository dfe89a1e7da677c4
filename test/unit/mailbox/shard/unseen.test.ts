/** HOLD_UNKNOWN: mail for names that were never here. */
import { describe, expect, it } from 'vitest';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

const HOLDING = { holdUnknown: true };

describe('mail for a name that was never here', () => {
  it('is held, and delivered to the first peer with that name', () => {
    const bench = new ShardBench(HOLDING).message(9, 'bob', 'one', 'two').work();
    expect(bench.notices).toEqual(['9 held bob']);
    expect(bench.stats).toMatchObject({ names: 1, namesAway: 1, heldMessages: 2 });
    expect(bench.store.keys('m')).toHaveLength(2);
    expect(bench.attach(1, 'bob').delivered(1)).toEqual(['one', 'two']);
  });

  it('is held of a list, for each of its names', () => {
    const bench = new ShardBench(HOLDING).attach(1, 'ann').message(9, ['bob', 'ann', 'carol'], 'one').work();
    expect([bench.delivered(1), bench.attach(2, 'carol').delivered(2)]).toEqual([['one'], ['one']]);
  });

  it('outlives a crash', async () => {
    const { store } = new ShardBench(HOLDING).message(9, 'bob', 'one').work();
    const bench = new ShardBench(HOLDING, Number.POSITIVE_INFINITY, store, false);
    await bench.load([], true);
    expect(bench.begin().attach(1, 'bob').delivered(1)).toEqual(['one']);
  });

  it('is dropped, and the name forgotten, when it is too old', () => {
    const bench = new ShardBench({ ...HOLDING, holdSeconds: 50 }).message(9, 'bob', 'one').pass(51).pass(1);
    expect(bench.stats).toMatchObject({ names: 0, namesAway: 0, heldMessages: 0, dropped: { TOO_OLD: 1 } });
    expect([bench.store.keys('m'), bench.store.keys('n')]).toEqual([[], []]);
  });

  it.each([
    ['too long', 'x'.repeat(101), true],
    ['not remembered', '~bob', true],
    ['one that STRICT refuses', 'bob\u202e', true],
    ['one with white space at its end', 'bob ', false],
  ])('is dropped if nobody can have the name: %s', (_, name, strict) => {
    const bench = new ShardBench({ ...HOLDING, strict }).message(9, Buffer.from(name).toString('latin1'), 'one').work();
    expect(bench.stats).toMatchObject({ names: 0, heldMessages: 0, dropped: { UNKNOWN_NAME: 1 } });
  });

  it('is refused by the limits of mailboxes, and then the name is not known', () => {
    const bench = new ShardBench({ ...HOLDING, mailboxMaxBytes: 3 }).message(9, 'bob', 'more').work();
    expect(bench.stats).toMatchObject({ names: 0, namesAway: 0, dropped: { MAILBOX_BYTES: 1 } });
    expect(bench.notices).toEqual(['9 full bob']);
  });

  it('is dropped while names are many: the last part of MAX_NAMES is for names that were here', () => {
    const bench = new ShardBench({ ...HOLDING, maxNames: 10, reservePercent: 20 });
    for (let i = 0; i < 10; i++) bench.message(9, `new${i}`, 'one').work();
    expect(bench.stats).toMatchObject({ namesAway: 8, dropped: { UNKNOWN_NAME: 2 } });
    expect(bench.said).toContainEqual({ kind: 'limited', limit: 'MAX_NAMES', name: '' });
    bench.attach(1, 'ann').leave(1).attach(2, 'bea').leave(2).work();
    expect(bench.stats).toMatchObject({ namesAway: 10, heldMessages: 8 });
  });

  it('is dropped with HOLD_UNKNOWN=off', () => {
    const bench = new ShardBench().message(9, 'bob', 'one').work();
    expect([bench.stats.names, bench.notices]).toEqual([0, ['9 unknown bob']]);
  });
});
