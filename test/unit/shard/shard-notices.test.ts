import { describe, expect, it } from 'vitest';
import { ShardBench } from '../../helpers/unit/shard/bench.ts';

const away = (settings = {}) => new ShardBench(settings).attach(1, 'bob').leave(1).work();

describe('a sender that writes to a name that is away', () => {
  it('is told once that the mail is held', () => {
    expect(away().message(9, 'bob', 'a', 'b').work().message(9, 'bob', 'c').notices).toEqual(['9 held bob']);
  });

  it('is told whatever others were told', () => {
    const bench = away().message(9, 'bob', 'a').message(8, 'bob', 'b').message(9, 'bob', 'c').message(8, 'bob', 'd');
    expect(bench.notices).toEqual(['9 held bob', '8 held bob']);
  });

  it('is told of each name for itself', () => {
    const bench = away().attach(2, 'eve').leave(2).message(9, ['bob', 'eve', 'bob', 'eve'], 'a');
    expect(bench.notices).toEqual(['9 held bob', '9 held eve']);
  });

  it('is told again after the name was here', () => {
    const bench = away().message(9, 'bob', 'a').attach(2, 'bob').leave(2).message(9, 'bob', 'b', 'c');
    expect(bench.notices).toEqual(['9 held bob', '9 held bob']);
  });

  it('is told so while the frames of its last peer are unaccounted for, too', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'a').leave(1, { inFlight: 1 });
    expect(bench.message(9, 'bob', 'b').notices).toEqual(['9 held bob']);
  });
});

describe('a sender that writes to a name that nobody knows', () => {
  it('is told once that the mail is dropped, which is counted each time', () => {
    const bench = new ShardBench().message(9, 'bob', 'a', 'b').work().message(9, 'bob', 'c');
    expect([bench.notices, bench.stats.dropped.UNKNOWN_NAME]).toEqual([['9 unknown bob'], 3]);
  });

  it('is told of each name and each sender for itself', () => {
    const bench = new ShardBench().message(9, ['bob', 'eve', 'bob', '__proto__', ''], 'a').message(8, 'bob', 'b');
    expect(bench.notices).toEqual([
      '9 unknown bob',
      '9 unknown eve',
      '9 unknown __proto__',
      '9 unknown ',
      '8 unknown bob',
    ]);
  });

  it('is told that mail is held once that name was here and is away', () => {
    const bench = new ShardBench().message(9, 'bob', 'a').attach(1, 'bob').leave(1).message(9, 'bob', 'b');
    expect(bench.notices).toEqual(['9 unknown bob', '9 held bob']);
  });

  it('is told that mail is held once that name is known by mail that came back from a crashed shard', () => {
    const bench = new ShardBench().message(9, 'bob', 'a').returned(5, 'bob', ['old'], true).message(9, 'bob', 'b');
    expect(bench.notices).toEqual(['9 unknown bob', '9 held bob']);
  });

  it('is told of a name that had mail held, and is forgotten', () => {
    const bench = away({ holdSeconds: 10 }).message(9, 'bob', 'a').pass(20).message(9, 'bob', 'b');
    expect(bench.notices).toEqual(['9 held bob', '9 unknown bob']);
  });
});

describe('what is dropped after the news', () => {
  it('is counted, and the count is sent after five seconds', () => {
    const bench = away({ mailboxMaxMessages: 1 }).message(9, 'bob', 'a', 'b', 'c', 'd').message(9, 'eve', 'a', 'b');
    for (let second = 1; second < 5; second++) bench.pass(1);
    expect(bench.notices).toEqual(['9 unknown eve', '9 held bob', '9 full bob']);
    expect(bench.pass(1).notices.slice(3)).toEqual(['9 full bob +2', '9 unknown eve +1']);
  });

  it('is one count, where it went to very many names', () => {
    const names = Array.from({ length: 1_000 }, (_, i) => `n${i}`);
    const bench = new ShardBench().message(9, names, 'a');
    expect([bench.notices.length, bench.stats.dropped.UNKNOWN_NAME]).toEqual([64, 1_000]);
    for (let second = 1; second <= 5; second++) bench.pass(1);
    expect(bench.notices.slice(64)).toEqual(['9 others  +936']);
  });
});

describe('nobody is told', () => {
  it('of mail that was delivered, or waits for a peer that is here', () => {
    const bench = new ShardBench({ writeWindowBytes: 2 }).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c');
    expect([bench.notices, bench.stats.heldMessages]).toEqual([[], 2]);
  });

  it('anything where notices are off', () => {
    const bench = away({ notices: false, mailboxMaxMessages: 1 }).message(9, ['bob', 'bob', 'nobody'], 'a');
    for (let second = 1; second <= 5; second++) bench.pass(1);
    expect(bench.notices).toEqual([]);
    expect(bench.stats.dropped).toMatchObject({ UNKNOWN_NAME: 1, MAILBOX_MESSAGES: 1 });
  });
});
