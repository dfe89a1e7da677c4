import { describe, expect, it } from 'vitest';
import { postWeight } from '../../../src/shared/wire/batch.ts';
import { firstNumberAt } from '../../../src/store/numbers.ts';
import { lineOf } from '../../helpers/unit/frames.ts';
import { ShardBench } from '../../helpers/unit/shard/bench.ts';

const EXOTIC = ['', '__proto__', 'constructor', '\0', 'a\0b', 'bob smith', 'caf\u00c3\u00a9', '/quit', 'x'.repeat(300)];

describe('an attachment', () => {
  it('is answered, and the first of a name receives', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'eve');
    expect(bench.said.filter(({ kind }) => kind !== 'acknowledged')).toEqual([
      { kind: 'attached', number: 1, as: 'receiving', waiting: 0, last: firstNumberAt(1_000_000) - 1 },
      { kind: 'attached', number: 2, as: 'receiving', waiting: 0, last: firstNumberAt(1_000_000) - 1 },
    ]);
  });

  it('is handed what comes for its name at once, and nobody else is', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'eve').message(2, 'bob', 'one', 'two');
    expect([bench.delivered(1), bench.delivered(2)]).toEqual([['one', 'two'], []]);
    expect(bench.stats).toMatchObject({ delivered: 2, heldMessages: 0, heldBytes: 0 });
  });

  it('is handed a line twice that names it twice, and its own lines', () => {
    const bench = new ShardBench().attach(1, 'bob').message(1, ['bob', 'bob'], 'hi');
    expect(bench.delivered(1)).toEqual(['hi', 'hi']);
  });

  it('is handed the frames of one batch in one delivery, in the order they came', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'eve').work();
    bench.message(9, ['bob', 'eve'], 'one').message(9, 'eve', 'two').message(8, 'bob', 'three');
    expect(bench.said.filter(({ kind }) => kind === 'delivered')).toEqual([
      { kind: 'delivered', number: 1, lines: ['one', 'three'] },
      { kind: 'delivered', number: 2, lines: ['one', 'two'] },
    ]);
  });

  it('is handed the frames of all posts of a turn in one delivery, and what it leaves behind is in order', () => {
    const bench = new ShardBench().attach(1, 'bob').work();
    bench.message(9, 'bob', 'one').turn().message(8, 'bob', 'two').turn();
    expect(bench.said.filter(({ kind }) => kind === 'delivered')).toEqual([
      { kind: 'delivered', number: 1, lines: ['one', 'two'] },
    ]);
    bench.message(9, 'bob', 'three').turn().leave(1, { inFlight: 1 }).giveBack(1).attach(2, 'bob');
    expect(bench.delivered(2)).toEqual(['one', 'two', 'three']);
  });

  it('is handed the frames of very large batches in order, and of those after them', () => {
    const lines = Array.from({ length: 75_000 }, (_, i) => `${i}`);
    const bench = new ShardBench()
      .attach(1, 'bob')
      .message(9, 'bob', ...lines.slice(0, 70_000))
      .work();
    expect(bench.message(9, 'bob', ...lines.slice(70_000)).delivered(1)).toEqual(lines);
  });

  it.each(EXOTIC)('may have any name, which is nobody else: %j', (name) => {
    const bench = new ShardBench();
    for (const [index, other] of EXOTIC.entries()) bench.attach(index + 1, other);
    bench.message(99, [name], 'hi');
    const got = EXOTIC.filter((_, index) => bench.delivered(index + 1).length > 0);
    expect(got).toEqual([name]);
  });

  it('keeps its number: a second attach of that number changes nothing, and is not answered', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'one').work();
    bench.attach(1, 'eve').message(9, 'bob', 'two').message(9, 'eve', 'three');
    expect([bench.attached, bench.delivered(1)]).toEqual([[[1, true]], ['two']]);
    expect(bench.stats.dropped.UNKNOWN_NAME).toBe(1);
  });
});

describe('the second of a name', () => {
  const both = () => new ShardBench().attach(1, 'bob').attach(2, 'bob');

  it('is told that it only sends, and gets nothing', () => {
    const bench = both().message(2, 'bob', 'hi');
    expect(bench.attached).toEqual([
      [1, true],
      [2, false],
    ]);
    expect([bench.delivered(1), bench.delivered(2)]).toEqual([['hi'], []]);
  });

  it('does not free the name when it leaves', () => {
    const bench = both().leave(2).attach(3, 'bob').message(9, 'bob', 'hi');
    expect(bench.attached.at(-1)).toEqual([3, false]);
    expect([bench.delivered(1), bench.delivered(3), bench.settled]).toEqual([['hi'], [], [2]]);
  });

  it('does not get the name when the first leaves, but the third does', () => {
    const bench = both().leave(1).message(9, 'bob', 'held').attach(3, 'bob').message(9, 'bob', 'live');
    expect([bench.delivered(2), bench.delivered(3)]).toEqual([[], ['held', 'live']]);
  });

  it('that leaves after the first has left and come back takes nothing from it', () => {
    const bench = both().leave(1).attach(3, 'bob').leave(2).message(9, 'bob', 'hi');
    expect([bench.delivered(3), bench.settled]).toEqual([['hi'], [1, 2]]);
    expect(bench.stats).toMatchObject({ attachments: 1, names: 1, namesAway: 0 });
  });

  it('is whoever was attached as send-only, though the name is free', () => {
    const bench = new ShardBench().attach(1, 'bob', true).attach(2, 'bob').message(9, 'bob', 'hi');
    expect(bench.attached).toEqual([
      [1, false],
      [2, true],
    ]);
    expect([bench.delivered(1), bench.delivered(2)]).toEqual([[], ['hi']]);
  });

  it('that was attached as send-only under a name nobody else came for leaves no name behind for ever', () => {
    const bench = new ShardBench({ holdSeconds: 10 }).attach(1, 'bob', true).leave(1).pass(100).pass(100);
    expect(bench.stats).toMatchObject({ attachments: 0, names: 0 });
  });
});

describe('an attachment told to a new shard', () => {
  const progress = {
    handedFrames: 3,
    handedBytes: 30,
    writtenFrames: 1,
    writtenBytes: 10,
    handedNumber: 3,
    writtenNumber: 1,
  };

  it('goes on with its progress: the window counts what its writer still has', () => {
    const bench = new ShardBench({ writeWindowBytes: 25 }).attach(1, 'bob', false, progress);
    bench.message(9, 'bob', 'four', 'five');
    expect(bench.delivered(1)).toEqual(['four']);
    bench.written(1, 2, 20);
    expect(bench.delivered(1)).toEqual(['four', 'five']);
  });

  it('may return what the crashed shard handed it', () => {
    const bench = new ShardBench().attach(1, 'bob', false, progress);
    const told = { writtenFrames: 1, writtenBytes: 10, writtenNumber: 1, numbers: [2, 3] };
    bench.returned(1, 'bob', ['9 bytes..', '9 more...'], true, told).attach(2, 'bob');
    expect([bench.settled, bench.delivered(2)]).toEqual([[1], ['9 bytes..', '9 more...']]);
  });

  it('counts right where its sums have passed 2^31', () => {
    const [handedBytes, writtenBytes] = [-(2 ** 31) + 5, 2 ** 31 - 5];
    const full = { handedFrames: 2, handedBytes, writtenFrames: 1, writtenBytes, handedNumber: 2, writtenNumber: 1 };
    const bench = new ShardBench({ writeWindowBytes: 14 }).attach(1, 'bob', false, full);
    bench.message(9, 'bob', 'one', 'two');
    expect(bench.delivered(1)).toEqual(['one']);
    bench.written(1, 3, handedBytes + 4);
    expect(bench.delivered(1)).toEqual(['one', 'two']);
  });
});

describe('a flush', () => {
  it('is answered behind everything that came before it', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'one').flush(7).message(9, 'bob', 'two');
    const order = bench.said.flatMap((value) => {
      if (value.kind === 'delivered') return value.lines;
      return value.kind === 'flushed' ? [`flush ${value.flushId}`] : [];
    });
    expect(order).toEqual(['one', 'flush 7', 'two']);
  });

  it('says how much waits for peers that are here, not what is held for those that are away', () => {
    const bench = new ShardBench({ writeWindowBytes: 10 }).attach(1, 'bob').attach(2, 'eve').leave(2);
    bench.message(9, ['bob', 'eve'], lineOf(10), lineOf(10), lineOf(10)).flush(7);
    expect(bench.said.filter((value) => value.kind === 'flushed')).toEqual([
      { kind: 'flushed', flushId: 7, waiting: 2, storing: true },
    ]);
  });
});

describe('a list that several messages of a batch go to', () => {
  it('names the same peers for each of them', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'eve').attach(3, 'joe').work();
    bench
      .message(9, ['bob', 'eve'], 'one')
      .messageAgain(9, 'two')
      .message(9, ['joe', 'bob'], 'three')
      .messageAgain(9, 'four');
    expect([1, 2, 3].map((number) => bench.delivered(number))).toEqual([
      ['one', 'two', 'three', 'four'],
      ['one', 'two'],
      ['three', 'four'],
    ]);
  });

  it('does not have a name that was forgotten between two of them, and has one that has come back since', () => {
    const bench = new ShardBench({ holdSeconds: 0 }).attach(2, 'eve').work();
    bench.message(9, ['bob', 'eve'], 'one').attach(1, 'bob').messageAgain(9, 'two');
    bench.message(9, ['joe', 'eve'], 'three').attach(3, 'joe').returned(3, 'joe', [], true);
    bench.messageAgain(9, 'four').attach(4, 'joe').messageAgain(9, 'five');
    expect([1, 2, 4].map((number) => bench.delivered(number))).toEqual([
      ['two'],
      ['one', 'two', 'three', 'four', 'five'],
      ['five'],
    ]);
    expect(bench.stats.dropped.UNKNOWN_NAME).toBe(3);
  });

  it('is not that of a batch before', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'eve').attach(3, 'joe').work();
    bench.message(9, ['bob', 'eve'], 'one').work().message(9, ['joe', 'bob'], 'two').messageAgain(9, 'three');
    expect([1, 2, 3].map((number) => bench.delivered(number))).toEqual([
      ['one', 'two', 'three'],
      ['one'],
      ['two', 'three'],
    ]);
  });
});

describe('the bytes of posts', () => {
  it('are few: what a shard sends goes out in pieces, so that the main thread can begin', () => {
    const bench = new ShardBench();
    const names = Array.from({ length: 50 }, (_, i) => `peer${i}`);
    for (const [i, name] of names.entries()) bench.attach(i + 1, name);
    bench.work();
    bench.posts.length = 0;
    bench.message(99, names, 'x'.repeat(10_000)).work();
    const sizes = bench.posts.map((post) => postWeight(post));
    expect(sizes.length).toBeGreaterThan(2);
    expect(Math.max(...sizes)).toBeLessThan(128 * 1024 + 11_000);
    expect(names.map((_, i) => bench.delivered(i + 1).length)).toEqual(names.map(() => 1));
  });

  it('are acknowledged once for all posts of a turn, at its end', () => {
    const bench = new ShardBench().attach(1, 'bob').work().attach(2, 'eve').turn().flush(1);
    const worked = bench.said.flatMap((value) => (value.kind === 'acknowledged' ? [value.bytes] : []));
    expect(worked).toHaveLength(2);
    expect(worked.reduce((sum, bytes) => sum + bytes, 0)).toBe(bench.sentBytes);
    expect(bench.said.at(-1)?.kind).toBe('acknowledged');
  });

  it('are acknowledged though there is nothing else to send, and not again without a post', () => {
    const bench = new ShardBench({ notices: false }).message(9, 'nobody', 'hi').work();
    expect(bench.said).toEqual([{ kind: 'acknowledged', bytes: bench.sentBytes }]);
    bench.shard.postOut();
    expect(bench.posts).toHaveLength(1);
  });

  it('go back in their buffers, and nothing that came in them is looked at there any more', () => {
    const bench = new ShardBench({ writeWindowBytes: 100_000, memoryBytes: 1_000_000 });
    bench.attach(1, 'bob').attach(2, 'eve').attach(3, 'joe').work().leave(2).work();
    bench.storeAnswers = false;
    const bodies = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(70_000));
    bench
      .message(9, ['bob', 'eve', 'joe'], ...bodies)
      .message(9, 'nobody', 'x')
      .work();
    expect(bench.notices).toEqual(['9 unknown nobody']);
    bench.storeAnswers = true;
    bench.answerAll().attach(4, 'eve');
    for (let i = 0; i < 4; i++) bench.work().write(1).write(3).write(4);
    expect([1, 3, 4].map((number) => bench.delivered(number))).toEqual([bodies, bodies, bodies]);
    expect(bench.notices).toEqual(['9 unknown nobody', '9 held eve']);
  });

  it('that make no sense are counted, and acknowledged too', () => {
    const bench = new ShardBench().attach(1, 'bob').work();
    bench.shard.receive({ batch: new Uint8Array(40).fill(0xff).buffer, moved: [] });
    expect(bench.message(9, 'bob', 'hi').delivered(1)).toEqual(['hi']);
    const worked = bench.said.flatMap((value) => (value.kind === 'acknowledged' ? [value.bytes] : []));
    expect(worked.reduce((sum, bytes) => sum + bytes, 0)).toBe(bench.sentBytes + 40);
    expect(bench.stats.malformed).toBe(1);
  });

  it('of much work are posted before the turn is over', () => {
    const bench = new ShardBench()
      .attach(1, 'bob')
      .leave(1)
      .message(9, 'bob', ...Array(400).fill('y'.repeat(999)));
    expect(bench.work().stats.heldBytes).toBe(400_000);
    bench.attach(2, 'bob').attach(3, 'eve').message(9, 'eve', 'z'.repeat(200_000)).flush(1).work();
    expect(bench.delivered(2)).toHaveLength(400);
    expect(bench.posts.length).toBeGreaterThan(4);
  });
});

describe('a shard told to drain', () => {
  it('has drained when every attachment has ended and every frame is accounted for', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'bob').message(9, 'bob', 'one', 'two').drain().work();
    expect(bench.shard.drained).toBe(false);
    bench.leave(2).leave(1, { written: 1, inFlight: 1 }).work();
    expect(bench.shard.drained).toBe(false);
    bench.giveBack(1).work();
    expect(bench.shard.drained).toBe(true);
  });

  it('has drained at once where nobody is there, and not before it was told', () => {
    const bench = new ShardBench();
    expect(bench.shard.drained).toBe(false);
    expect(bench.drain().work().shard.drained).toBe(true);
  });
});
