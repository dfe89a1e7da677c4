import { describe, expect, it } from 'vitest';
import { lineOf } from '../../../helpers/unit/frames.ts';
import { NO_PROGRESS, ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** Bob has been here and left. */
function away(settings = {}, heldMaxBytes = Number.POSITIVE_INFINITY): ShardBench {
  return new ShardBench(settings, heldMaxBytes).attach(1, 'bob').attach(2, 'eve').leave(1);
}

const held = (bench: ShardBench) => bench.attach(77, 'bob').delivered(77);

describe('the limit of messages a mailbox', () => {
  it.each([1, 3])('holds %d, and refuses the newest past it, with its reason', (mailboxMaxMessages) => {
    const bench = away({ mailboxMaxMessages }).message(9, 'bob', 'a', 'b', 'c', 'd');
    expect(bench.stats.dropped.MAILBOX_MESSAGES).toBe(4 - mailboxMaxMessages);
    expect(held(bench)).toEqual(['a', 'b', 'c', 'd'].slice(0, mailboxMaxMessages));
  });

  it('counts what waits for a peer that does not read, not what it was handed', () => {
    const settings = { mailboxMaxMessages: 1, writeWindowBytes: 2 };
    const bench = new ShardBench(settings).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c');
    expect(bench.stats).toMatchObject({ heldMessages: 1, dropped: { MAILBOX_MESSAGES: 1 } });
    expect(bench.write(1).message(9, 'bob', 'd').write(1).delivered(1)).toEqual(['a', 'b', 'd']);
  });

  it('is one name alone', () => {
    const bench = away({ mailboxMaxMessages: 1 }).leave(2).message(9, ['bob', 'eve'], 'a');
    expect(bench.stats.heldMessages).toBe(2);
  });
});

describe('the limit of bytes a mailbox', () => {
  it('is held to its last byte, and refuses what would pass it', () => {
    const bench = away({ mailboxMaxBytes: 100 }).message(9, 'bob', lineOf(60), lineOf(41), lineOf(40), lineOf(1));
    expect(bench.stats.dropped.MAILBOX_BYTES).toBe(2);
    expect(held(bench)).toEqual([lineOf(60), lineOf(40)]);
  });

  it('of 1 takes one empty line', () => {
    const bench = away({ mailboxMaxBytes: 1 }).message(9, 'bob', 'a', '', '');
    expect(bench.stats.dropped.MAILBOX_BYTES).toBe(2);
    expect(held(bench)).toEqual(['']);
  });
});

describe('the limit of bytes of all mailboxes', () => {
  it('is held to its last byte over all names, and refuses what would pass it', () => {
    const bench = away({}, 10).leave(2).message(9, 'bob', 'four', 'fou').message(9, 'eve', '', 'x');
    expect(bench.stats).toMatchObject({ heldBytes: 10, dropped: { HELD_BYTES: 1 } });
    expect(bench.budget.used).toBe(10);
  });

  it('is asked last: what is refused for another reason takes nothing of it', () => {
    const bench = away({ mailboxMaxMessages: 1 }, 10).message(9, 'bob', 'a', 'bb', 'ccc').work();
    expect(bench.budget.used).toBe(2);
  });

  it('has room again when mail was delivered', () => {
    const bench = away({}, 5).message(9, 'bob', 'four').attach(3, 'bob').write(3).leave(3).message(9, 'bob', 'more');
    expect(bench.stats).toMatchObject({ heldBytes: 5, dropped: { HELD_BYTES: 0 } });
  });
});

describe('mail that comes back', () => {
  const settings = { mailboxMaxMessages: 1, mailboxMaxBytes: 5, writeWindowBytes: 12 };

  it('is never refused, though the mailbox and the budget are full of newer mail', () => {
    const bench = new ShardBench(settings, 5).attach(1, 'bob').message(9, 'bob', 'one', 'two', 'six', 'last').leave(1);
    expect(bench.stats).toMatchObject({ heldMessages: 4, heldBytes: 17, dropped: { MAILBOX_BYTES: 0 } });
    expect(bench.budget.used).toBe(17);
    expect(bench.attach(2, 'bob').write(2).delivered(2)).toEqual(['one', 'two', 'six', 'last']);
  });

  it('counts towards the limits for what comes after it', () => {
    const bench = new ShardBench({ ...settings, mailboxMaxMessages: 2 }).attach(1, 'bob').message(9, 'bob', 'a', 'b');
    bench.leave(1).message(9, 'bob', 'c');
    expect(bench.stats.dropped.MAILBOX_MESSAGES).toBe(1);
  });
});

describe('a full mailbox', () => {
  const full = () => away({ mailboxMaxMessages: 4 }).message(9, 'bob', 'a', 'b', 'c', 'd').work();

  it('is told to each sender once', () => {
    const bench = full().message(9, 'bob', 'e', 'f').message(8, 'bob', 'g', 'h').message(9, 'bob', 'i');
    expect(bench.notices).toEqual(['9 held bob', '9 full bob', '8 full bob']);
    expect(bench.stats.dropped.MAILBOX_MESSAGES).toBe(5);
  });

  it('is told to a sender of a peer that is here and does not read', () => {
    const settings = { mailboxMaxMessages: 1, writeWindowBytes: 1 };
    const bench = new ShardBench(settings).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c', 'd');
    expect(bench.notices).toEqual(['9 full bob']);
  });

  it('counts as full until half of it is free, and then may be told again', () => {
    const settings = { mailboxMaxMessages: 4, writeWindowBytes: 2 };
    const bench = new ShardBench(settings).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c', 'd', 'e', 'f');
    bench.write(1).message(9, 'bob', 'g', 'h');
    expect(bench.notices).toEqual(['9 full bob']);
    bench.write(1).write(1).message(9, 'bob', 'i', 'j', 'k');
    expect(bench.notices).toEqual(['9 full bob', '9 full bob']);
  });

  it('is told again when its peer has come, and it is full still', () => {
    const bench = away({ mailboxMaxMessages: 4, writeWindowBytes: 1 }).message(9, 'bob', 'a', 'b', 'c', 'd', 'e');
    bench.attach(3, 'bob').message(9, 'bob', 'f', 'g', 'h');
    expect(bench.notices).toEqual(['9 held bob', '9 full bob', '9 full bob']);
  });

  it('is full no more once it was read: what comes then is held, and that is told', () => {
    const bench = full().message(9, 'bob', 'e').attach(3, 'bob').write(3).leave(3).message(9, 'bob', 'f');
    expect(bench.notices).toEqual(['9 held bob', '9 full bob', '9 held bob']);
  });

  it('counts bytes for that too', () => {
    const settings = { mailboxMaxBytes: 10, writeWindowBytes: 2 };
    const bench = new ShardBench(settings).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'four', 'c', 'x');
    bench.write(1).message(9, 'bob', 'four');
    expect(bench.notices).toEqual(['9 full bob']);
    bench.write(1).message(9, 'bob', lineOf(7), 'x');
    expect(bench.notices).toEqual(['9 full bob', '9 full bob']);
  });
});

it('mail that is too old leaves the store, though its name waits for what its last holder never returns', () => {
  const bench = new ShardBench({ holdSeconds: 100, memoryBytes: 0 });
  bench.attach(1, 'bob', false, { ...NO_PROGRESS, handedFrames: 1, handedBytes: 1 }).returned(1, 'bob', [], true);
  bench.message(9, 'bob', 'one').attach(2, 'bob').work();
  expect([bench.stats.heldMessages, bench.store.keys('m').length]).toEqual([1, 1]);
  bench.pass(101);
  expect(bench.stats).toMatchObject({ heldMessages: 0, dropped: { TOO_OLD: 1 } });
  expect(bench.store.keys('m')).toEqual([]);
});
