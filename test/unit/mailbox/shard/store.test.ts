/**
 * What a shard makes of its store: when mail is called held, what lies where, and what it does when the store does not.
 */
import { describe, expect, it } from 'vitest';
import { readIndexValue } from '../../../../src/store/format.ts';
import { lineOf } from '../../../helpers/unit/frames.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';
import { PaperStore } from '../../../helpers/unit/store.ts';

const NO_ROOM = 'IO error: /data/000003.log: No space left on device';

/** Bob has been here and left, and everything of that is written. */
function away(settings = {}, heldMaxBytes = Number.POSITIVE_INFINITY, store = new PaperStore()): ShardBench {
  return new ShardBench(settings, heldMaxBytes, store).attach(1, 'bob').leave(1).work();
}

/** A shard that begins with what another has left in the store. */
function successor(bench: ShardBench, settings = {}, heldMaxBytes = Number.POSITIVE_INFINITY): Promise<ShardBench> {
  return new ShardBench(settings, heldMaxBytes, bench.store).load();
}

function indexOf(bench: ShardBench) {
  const [key] = bench.store.keys('n');
  return readIndexValue(bench.store.entries.get(key ?? '') ?? Buffer.alloc(0));
}

describe('mail for who is away', () => {
  it('is called held when it is synced, and not before', () => {
    const bench = away();
    bench.storeAnswers = false;
    bench.message(9, 'bob', 'one').work();
    expect([bench.notices, bench.store.keys('m')]).toEqual([[], []]);
    const { syncs } = bench.store;
    bench.answerAll();
    expect([bench.notices, bench.store.keys('m').length]).toEqual([['9 held bob'], 1]);
    expect(bench.store.syncs).toBeGreaterThan(syncs);
  });

  it('is gathered while the group before is being written', () => {
    const bench = away();
    bench.storeAnswers = false;
    bench.message(9, 'bob', 'one').work().message(8, 'bob', 'two').work().message(7, 'bob', 'three').work();
    expect(bench.store.waiting).toBe(1);
    const { writes } = bench.store;
    bench.answerAll();
    expect([bench.store.writes - writes, bench.notices]).toEqual([2, ['9 held bob', '8 held bob', '7 held bob']]);
  });

  it('goes to a peer that comes back before it is committed, once it is', () => {
    const bench = away();
    bench.storeAnswers = false;
    bench.message(9, 'bob', 'one').work().attach(2, 'bob').message(9, 'bob', 'two');
    expect(bench.delivered(2)).toEqual([]);
    bench.answerAll();
    expect(bench.delivered(2)).toEqual(['one', 'two']);
  });

  it('leaves the store when it is written to the peer, and the index says so', () => {
    const bench = away().message(9, 'bob', 'one', 'two').attach(2, 'bob').work();
    expect(bench.store.keys('m')).toHaveLength(2);
    bench.write(2, 1).work();
    expect(bench.store.keys('m')).toHaveLength(1);
    bench.write(2).leave(2).work();
    expect([bench.store.keys('m'), indexOf(bench)]).toMatchObject([[], { present: false, count: 0, bytes: 0 }]);
  });

  it('is found again by the shard that comes after, without a look at it', async () => {
    const bench = await successor(away().message(9, 'bob', 'one', 'two', 'three').work());
    expect(bench.stats).toMatchObject({ names: 1, namesAway: 1, heldMessages: 3, heldBytes: 14 });
    expect(bench.budget.used).toBe(14);
    expect(bench.message(9, 'bob', 'four').attach(2, 'bob').delivered(2)).toEqual(['one', 'two', 'three', 'four']);
  });

  it('is counted by the shard that comes after, where its peer was there at the end', async () => {
    const before = away().message(9, 'bob', 'one', 'two').attach(2, 'bob').write(2, 1).work();
    expect(indexOf(before)).toMatchObject({ present: true });
    const bench = await successor(before);
    expect(bench.stats).toMatchObject({ heldMessages: 1, heldBytes: 4 });
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['two']);
  });

  it('is synced by the shard that comes after, because the one before may have crashed and not have done so', async () => {
    const before = away().attach(3, 'eve').leave(3).message(9, ['bob', 'eve'], 'one').work();
    const { syncs, writes } = before.store;
    await successor(before);
    expect(before.store).toMatchObject({ syncs: syncs + 1, writes: writes + 1 });
  });

  it('is found where its index record cannot be read, and costs no more to remove than it is', async () => {
    const before = away().message(9, 'bob', 'one', 'two').work();
    const [key] = before.store.keys('n');
    before.store.entries.set(key ?? '', Buffer.from('no record'));
    const bench = await successor(before);
    expect(bench.stats).toMatchObject({ heldMessages: 2, heldBytes: 8 });
    bench.attach(2, 'bob').work().write(2).work();
    expect([bench.delivered(2), bench.store.keys('m')]).toEqual([['one', 'two'], []]);
    expect(bench.store.deletions).toBe(2);
  });

  it('that was found is never refused, and what is new is, by the same limits', async () => {
    const before = away().message(9, 'bob', 'one', 'two', 'three').work();
    const bench = await successor(before, { mailboxMaxMessages: 2 }, 5);
    bench.message(9, 'bob', 'four').work();
    expect(bench.stats).toMatchObject({ heldMessages: 3, dropped: { MAILBOX_MESSAGES: 1 } });
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['one', 'two', 'three']);
  });

  it('that is too old leaves the store, though nobody comes for it', async () => {
    const bench = away({ holdSeconds: 100 }).message(9, 'bob', 'one').pass(60).message(9, 'bob', 'two').work();
    bench.pass(41);
    expect(bench.stats).toMatchObject({ heldMessages: 1, dropped: { TOO_OLD: 1 } });
    expect(bench.store.keys('m')).toHaveLength(1);
    bench.pass(60);
    expect([bench.stats.names, bench.store.entries.size]).toEqual([0, 0]);
  });

  it('of a name that is not remembered is not left behind', () => {
    const bench = new ShardBench({ writeWindowBytes: 1, frontBytes: 5 }).attach(1, '~bob');
    bench.message(9, '~bob', 'one', 'two', 'three', 'four', 'five').work();
    expect(bench.store.keys('m').length).toBeGreaterThan(0);
    bench.leave(1).work();
    expect(bench.store.entries.size).toBe(0);
  });
});

describe('mail for a peer that reads', () => {
  it('never sees the store', () => {
    const bench = new ShardBench({ writeWindowBytes: 20 }).attach(1, 'bob').work();
    for (let i = 0; i < 50; i++) bench.message(9, 'bob', `message ${i}`).write(1);
    expect([bench.delivered(1).length, bench.store.keys('m')]).toEqual([50, []]);
  });

  it('waits in memory as far as there is room, then in the store, and goes out in order', () => {
    const bench = new ShardBench({ writeWindowBytes: 10, frontBytes: 30 }).attach(1, 'bob');
    const lines = Array.from({ length: 40 }, (_, i) => `line ${i}`);
    for (const line of lines) bench.message(9, 'bob', line).work();
    expect(bench.store.keys('m').length).toBeGreaterThan(20);
    for (let i = 0; i < 60; i++) bench.write(1).work();
    expect(bench.delivered(1)).toEqual(lines);
    expect([bench.store.keys('m'), bench.budget.used]).toEqual([[], 0]);
  });

  it('comes to be live again after it has waited in the store, while more comes all the time', () => {
    const bench = new ShardBench({ writeWindowBytes: 100, frontBytes: 100 }).attach(1, 'bob');
    bench.message(9, 'bob', ...Array.from({ length: 60 }, (_, i) => `${i}`)).work();
    for (let i = 60; i < 120; i++) bench.write(1).message(9, 'bob', `${i}`).work();
    for (let i = 0; i < 20; i++) bench.write(1).work();
    const { writes } = bench.store;
    bench.message(9, 'bob', 'live').work();
    expect(bench.delivered(1)).toEqual([...Array.from({ length: 120 }, (_, i) => `${i}`), 'live']);
    expect(bench.store.writes).toBe(writes);
  });

  /** A peer that has read so much that its window has opened, from 10 bytes to 20; mail of 10 bytes waits for it. */
  const reader = (memoryBytes: number, waiting: number) => {
    const limits = { firstWindowBytes: 10, writeWindowBytes: 20, frontBytes: 10, memoryBytes };
    const bench = new ShardBench(limits).attach(1, 'bob');
    for (let i = 0; i < 16; i++) bench.message(9, 'bob', lineOf(10)).write(1);
    return bench.message(9, 'bob', ...Array.from({ length: 2 + waiting }, () => lineOf(10))).work();
  };

  it('may have four windows of memory, if its peer has read much', () => {
    const bench = reader(1000, 8);
    expect([bench.stats.memoryBytes, bench.store.keys('m')]).toEqual([80, []]);
    bench.message(9, 'bob', ...Array.from({ length: 9 }, () => lineOf(10))).work();
    expect([bench.stats.memoryBytes, bench.store.keys('m').length]).toEqual([80, 9]);
    for (let i = 0; i < 20; i++) bench.write(1).work();
    expect(bench.delivered(1)).toHaveLength(16 + 2 + 8 + 9);
    expect(bench.stats).toMatchObject({ memoryBytes: 0, heldBytes: 0 });
  });

  it('may have no more memory than all of them may have', () => {
    expect(reader(60, 6).stats.memoryBytes).toBe(60);
    expect(reader(60, 6).store.keys('m')).toEqual([]);
    expect(reader(60, 8).store.keys('m')).toHaveLength(2);
    // What each of them may have is no matter of the others.
    expect(reader(0, 2).store.keys('m')).toEqual([]);
  });

  it('may have only a little at either end, if its peer has read little', () => {
    const limits = { firstWindowBytes: 10, writeWindowBytes: 20, frontBytes: 10, memoryBytes: 1000 };
    const bench = new ShardBench(limits)
      .attach(1, 'bob')
      .message(9, 'bob', ...Array(5).fill(lineOf(10)))
      .work();
    expect([bench.stats.memoryBytes, bench.store.keys('m').length]).toEqual([20, 2]);
  });

  it('is never handed more than the window that its reading has opened', () => {
    const bench = new ShardBench({ firstWindowBytes: 10, writeWindowBytes: 40 }).attach(1, 'bob');
    bench.message(9, 'bob', ...Array.from({ length: 200 }, () => lineOf(10)));
    let before = 0;
    const handed: number[] = [];
    for (let turn = 0; turn < 40; turn++) {
      const now = bench.delivered(1).length;
      handed.push(now - before);
      before = now;
      bench.write(1);
    }
    // One window has been written 16 times over before it is doubled.
    const expected = [...Array<number>(16).fill(1), ...Array<number>(16).fill(2), ...Array<number>(8).fill(4)];
    expect(handed).toEqual(expected);
  });
});

describe('a store that has no room', () => {
  const full = () => {
    const bench = away();
    bench.store.failing = NO_ROOM;
    return bench.message(9, 'bob', 'kept').work();
  };

  it('is said to the main thread, and no mail is called held', () => {
    const bench = full();
    expect(bench.said.filter(({ kind }) => kind === 'store failed')).toEqual([
      { kind: 'store failed', failure: 'no room', message: NO_ROOM },
    ]);
    expect(bench.notices).toEqual([]);
  });

  it('refuses new mail for who is away, counted, and says so', () => {
    const bench = full().message(8, 'bob', 'refused').work();
    expect(bench.notices).toEqual(['8 unstored bob']);
    expect(bench.stats).toMatchObject({ heldMessages: 1, dropped: { STORE_UNWRITABLE: 1 } });
  });

  it('does not touch live mail, and what came in vain is delivered to a peer that comes', () => {
    const bench = full().attach(3, 'eve').message(8, 'eve', 'live').attach(2, 'bob').message(8, 'bob', 'live');
    expect([bench.delivered(3), bench.delivered(2)]).toEqual([['live'], ['kept', 'live']]);
  });

  it('that has room again holds what it could not, and then what is new', () => {
    const bench = full().message(8, 'bob', 'refused').work();
    bench.store.failing = undefined;
    bench.shard.resume();
    bench.answerAll().message(8, 'bob', 'new').work();
    expect(bench.notices).toEqual(['8 unstored bob', '9 held bob', '8 held bob']);
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['kept', 'new']);
  });

  it('does not make the main thread wait, though much is not written', () => {
    const bench = full();
    for (let i = 0; i < 40; i++) bench.message(8, 'bob', lineOf(400_000)).work();
    expect(bench.said.filter(({ kind }) => kind === 'acknowledged').length).toBeGreaterThan(0);
  });
});

describe('a store that fails for another reason', () => {
  it('is said to have failed for good', () => {
    const bench = away();
    bench.store.failing = 'IO error: Input/output error';
    bench.message(9, 'bob', 'one').work();
    expect(bench.said.find(({ kind }) => kind === 'store failed')).toMatchObject({ failure: 'write' });
  });

  it('whose mail is damaged loses that alone, counted', () => {
    const bench = away().message(9, 'bob', 'one', 'two', 'three').work();
    const [, second] = bench.store.keys('m');
    bench.store.entries.set(second ?? '', Buffer.from('no message'));
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['one', 'three']);
    expect(bench.stats.dropped.MAIL_DAMAGED).toBe(1);
    expect(bench.stats.heldMessages).toBe(0);
  });

  it('whose mail is gone does not make its name wait for ever', () => {
    const bench = away().message(9, 'bob', 'one', 'two').work();
    bench.store.apply(bench.store.keys('m').map((key) => ({ type: 'del', key: Buffer.from(key, 'hex') })));
    expect(bench.attach(2, 'bob').message(9, 'bob', 'new').delivered(2)).toEqual(['new']);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, dropped: { MAIL_DAMAGED: 2 } });
  });
});

describe('a store that is behind', () => {
  it('holds the word back that work is done, until it has caught up', () => {
    const bench = away({ mailboxMaxBytes: Number.POSITIVE_INFINITY });
    bench.storeAnswers = false;
    const worked = () => bench.said.reduce((sum, value) => sum + (value.kind === 'acknowledged' ? value.bytes : 0), 0);
    for (let i = 0; i < 25; i++) bench.message(9, 'bob', lineOf(400_000)).work();
    const before = worked();
    const posts = bench.posts.length;
    for (let i = 0; i < 5; i++) bench.message(9, 'bob', lineOf(400_000)).work();
    expect(worked()).toBe(before);
    expect(bench.posts.length).toBe(posts + 5); // each is answered all the same
    bench.answerAll();
    expect(worked()).toBe(bench.sentBytes);
  });
});

describe('a shard that drains', () => {
  it('has drained when what came back is in the store', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'one', 'two').work();
    bench.storeAnswers = false;
    bench.leave(1).drain().work();
    expect(bench.shard.drained).toBe(false);
    bench.answerAll();
    expect([bench.shard.drained, bench.store.keys('m').length]).toEqual([true, 2]);
  });
});
