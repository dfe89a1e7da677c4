/** Messages that expire: they are dropped wherever they wait, and their senders are told. */
import { describe, expect, it } from 'vitest';
import { messageHead } from '../../../../src/protocol/program-message.ts';
import { postWeight } from '../../../../src/shared/wire/batch.ts';
import { DURABLE, EXPIRES, FROM_PROGRAM, WANTS_RECEIPT } from '../../../../src/shared/wire/frames/frames.ts';
import { NO_PROGRESS, ShardBench } from '../../../helpers/unit/shard/bench.ts';

const KIND = FROM_PROGRAM | EXPIRES;

/** Ann sends messages with these lifetimes to bob, in seconds; undefined for one that does not expire. */
function send(bench: ShardBench, ttls: readonly (number | undefined)[], kind = 0): void {
  for (const [index, ttl] of ttls.entries()) {
    const head = messageHead({ expires: ttl === undefined ? undefined : bench.now + ttl }, 0);
    const own = ttl === undefined ? FROM_PROGRAM : KIND;
    bench.messageFrom(9, 'ann', 'bob', `${head}${index}`, own | kind);
  }
  bench.work();
}

/** The bodies of all lines that an attachment was handed, as numbers. */
const bodies = (bench: ShardBench, attachment: number) =>
  bench.delivered(attachment).map((line) => Number(line.split('\t')[1]));

const receipts = (bench: ShardBench) =>
  bench.said.flatMap((value) => (value.kind === 'expired' ? [[value.name, value.head.split('\t')[1]]] : []));

describe('a message that expires', () => {
  it('is delivered before, and not after', () => {
    const bench = new ShardBench().attach(1, 'bob').leave(1).work();
    send(bench, [10, undefined, 5]);
    bench.pass(9).attach(2, 'bob');
    expect(bodies(bench, 2)).toEqual([0, 1]);
    expect(bench.stats.dropped).toMatchObject({ EXPIRED: 1, TOO_OLD: 0 });
  });

  it('leaves the store at its time, though nobody is here, and others stay', () => {
    const bench = new ShardBench().attach(1, 'bob').leave(1).work();
    send(bench, [undefined, 5, 20, 5]);
    expect(bench.pass(4).store.keys('m')).toHaveLength(4);
    expect(bench.pass(1).store.keys('m')).toHaveLength(2);
    expect(bench.stats).toMatchObject({ heldMessages: 2, dropped: { EXPIRED: 2 } });
    bench.pass(20).attach(2, 'bob');
    expect([bodies(bench, 2), bench.store.keys('m').length, bench.budget.used]).toEqual([
      [0],
      1,
      bench.stats.heldBytes,
    ]);
  });

  it('leaves nothing behind when it was the last', () => {
    const bench = new ShardBench({ maxNames: 1 }).attach(1, 'bob').leave(1).work();
    send(bench, [5, 5]);
    expect(bench.pass(5).stats).toMatchObject({ heldMessages: 0, heldBytes: 0 });
    expect([bench.store.keys('m'), bench.budget.used]).toEqual([[], 0]);
    send(bench, [undefined]);
    bench.attach(2, 'bob');
    expect(bodies(bench, 2)).toEqual([0]);
  });

  it('is dropped from memory, where it waits for a peer that is here', () => {
    const bench = new ShardBench({ writeWindowBytes: 1, frontBytes: 200 }).attach(1, 'bob').work();
    send(bench, [undefined, 5, undefined, 5, 20, 5, 5, 5, undefined]);
    expect(bodies(bench, 1)).toEqual([0]);
    bench.pass(5);
    for (let i = 0; i < 9; i++) bench.write(1).work();
    expect(bodies(bench, 1)).toEqual([0, 2, 4, 8]);
    expect([bench.stats.heldMessages, bench.budget.used, bench.store.keys('m')]).toEqual([0, 0, []]);
  });

  it('is in the hands of a writer, and expires only when that returns it', () => {
    const bench = new ShardBench().attach(1, 'bob').work();
    send(bench, [5, 5, undefined], DURABLE);
    bench.pass(6);
    expect([bodies(bench, 1), bench.store.keys('m').length]).toEqual([[0, 1, 2], 3]);
    bench.write(1, 1).leave(1).work().attach(2, 'bob');
    expect(bodies(bench, 2)).toEqual([2]);
    expect(bench.write(2).work().store.keys('m')).toEqual([]);
    expect(bench.stats.dropped.EXPIRED).toBe(1);
  });

  it('expires after a crash as well, by the index record and by a count', async () => {
    for (const compare of [false, true]) {
      const before = new ShardBench().attach(1, 'bob').leave(1).work();
      send(before, [undefined, 5]);
      const bench = new ShardBench({}, Number.POSITIVE_INFINITY, before.store, false);
      await bench.load([], compare);
      expect(bench.begin().pass(4).store.keys('m')).toHaveLength(2);
      expect(bench.pass(1).store.keys('m')).toHaveLength(1);
      expect(bench.stats.dropped.EXPIRED).toBe(1);
    }
  });

  it('is dropped once, though a read finds it until it is deleted from the store', () => {
    const bench = new ShardBench({ writeWindowBytes: 1, frontBytes: 120 }).attach(1, 'bob').work();
    const ttls = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? undefined : 5));
    send(bench, ttls, DURABLE);
    bench.storeAnswers = false;
    bench.pass(5); // a search is under way, and more mail is wanted before it is over
    for (let i = 0; i < 3; i++) bench.write(1).work();
    bench.storeAnswers = true;
    for (let i = 0; i < 6; i++) bench.work().write(1).work();
    expect(bodies(bench, 1)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, dropped: { EXPIRED: 6 } });
    expect([bench.store.keys('m'), bench.budget.used]).toEqual([[], 0]);
  });

  it('is not delivered if it has expired on its way to the shard', () => {
    const bench = new ShardBench().attach(1, 'bob').work();
    bench.pass(5);
    send(bench, [undefined, 0, -3, 1]);
    expect(bodies(bench, 1)).toEqual([0, 3]);
    expect(bench.stats).toMatchObject({ heldMessages: 0, dropped: { EXPIRED: 2 } });
  });

  it('is found behind others that no read has room for, while more mail comes', () => {
    const bench = new ShardBench({ holdSeconds: 10_000 }).attach(1, 'bob').leave(1).work();
    const large = `${messageHead({}, 0)}"${'x'.repeat(300_000)}"`;
    for (let i = 0; i < 8; i++) bench.messageFrom(9, 'ann', 'bob', large, FROM_PROGRAM).work();
    send(bench, [5, 100]);
    bench.pass(5);
    send(bench, [3]);
    expect([bench.store.keys('m').length, bench.stats.dropped.EXPIRED]).toEqual([10, 1]);
    expect(bench.pass(3).pass(1).stats.dropped.EXPIRED).toBe(2);
    expect(bench.pass(100).store.keys('m')).toHaveLength(8);
  });
});

describe('mail that is dropped', () => {
  it('leaves the record of a message in the hands of a writer, which can be younger though it is before it', () => {
    const bench = new ShardBench({ holdSeconds: 50, writeWindowBytes: 1 }).attach(1, 'bob').message(9, 'bob', 'a', 'b');
    // What was never held before counts as held from its return on.
    bench.pass(40).leave(1).work().attach(2, 'bob');
    expect(bench.pass(11).delivered(2)).toEqual(['a']);
    expect([bench.stats.dropped.TOO_OLD, bench.store.keys('m').length]).toEqual([1, 1]);
    expect(bench.write(2).work().store.keys('m')).toEqual([]);
  });

  it('is not counted again by the next life of the shard, if its deletion was lost', async () => {
    const before = new ShardBench().attach(1, 'bob').leave(1).work();
    send(before, [5, 100]);
    const last = Number(BigInt.asIntN(32, BigInt(`0x${before.store.keys('m').at(-1)?.slice(-16)}`)));
    const bench = new ShardBench({}, Number.POSITIVE_INFINITY, before.store, false);
    bench.now += 10;
    bench.shard.tick();
    const numbers = { handedNumber: last, settledNumber: last, writtenNumber: 0, rejectedNumbers: [] };
    await bench.load([{ name: Buffer.from('bob'), ...numbers }]);
    const hands = { ...NO_PROGRESS, handedFrames: 1, handedBytes: 12, handedNumber: last };
    expect(bench.attach(1, 'bob', false, hands).begin().work().store.keys('m')).toHaveLength(1);
    expect(bench.stats.heldMessages).toBe(0);
  });
});

describe('the limits', () => {
  it('count nothing of a mailbox whose last message has expired behind a damaged one', () => {
    const bench = new ShardBench({ holdSeconds: 50 }).attach(1, 'bob').leave(1).work();
    send(bench, [undefined]);
    const [damaged = ''] = bench.store.keys('m');
    bench.store.apply([{ type: 'put', key: Buffer.from(damaged, 'hex'), value: Buffer.from('no message') }]);
    bench.pass(40);
    send(bench, [20]);
    // What is damaged is found when it would be too old. What it had of the limits is known when nothing else is left.
    expect(bench.pass(11).stats).toMatchObject({ heldMessages: 1, dropped: { MAIL_DAMAGED: 1 } });
    expect(bench.pass(20).stats).toMatchObject({ heldMessages: 0, heldBytes: 0, dropped: { EXPIRED: 1 } });
    expect(bench.budget.used).toBe(0);
  });
});

describe('a search through the store', () => {
  it('begins again only after a pause as long as what it read', () => {
    const bench = new ShardBench({ holdSeconds: 10_000 }).attach(1, 'bob').leave(1).work();
    const large = `${messageHead({}, 0)}"${'x'.repeat(1_000_000)}"`;
    for (let i = 0; i < 5; i++) bench.messageFrom(9, 'ann', 'bob', large, FROM_PROGRAM).work();
    send(bench, [5, 6, 7]);
    bench.pass(5);
    const { reads } = bench.store;
    expect([bench.stats.dropped.EXPIRED, bench.pass(1).pass(1).stats.dropped.EXPIRED]).toEqual([1, 1]);
    expect(bench.store.reads).toBe(reads);
    expect(bench.pass(3).stats.dropped.EXPIRED).toBe(3);
  });
});

it('many that expire at once are told in pieces, and not in one large post', () => {
  const bench = new ShardBench().attach(1, 'bob').leave(1).work();
  send(bench, Array(5_000).fill(5), WANTS_RECEIPT);
  const before = bench.posts.length;
  bench.pass(5);
  expect(receipts(bench)).toHaveLength(5_000);
  expect(Math.max(...bench.posts.slice(before).map(postWeight))).toBeLessThan(256 * 1024);
});

describe('the sender of a message that is dropped', () => {
  it('is told, if it wishes, that it expired', () => {
    const bench = new ShardBench().attach(1, 'bob').leave(1).work();
    send(bench, [5], WANTS_RECEIPT);
    send(bench, [5]);
    expect(receipts(bench)).toEqual([]);
    bench.pass(5);
    expect(receipts(bench)).toEqual([['bob', '']]);
  });

  it('is told that it was too old for HOLD_SECONDS, in memory and in the store', () => {
    const away = new ShardBench({ holdSeconds: 50 }).attach(1, 'bob').leave(1).work();
    send(away, [undefined, undefined], WANTS_RECEIPT);
    expect(receipts(away.pass(51))).toHaveLength(2);
    const here = new ShardBench({ holdSeconds: 50, writeWindowBytes: 1 }).attach(1, 'bob', false, NO_PROGRESS).work();
    send(here, [undefined, undefined], WANTS_RECEIPT);
    expect(receipts(here.pass(51))).toHaveLength(1);
    expect(here.stats.dropped.TOO_OLD).toBe(1);
  });

  it('is told that it is not held, where nothing is', () => {
    const bench = new ShardBench({ holdSeconds: 0, writeWindowBytes: 1 }).attach(1, 'bob').work();
    send(bench, [undefined, undefined], WANTS_RECEIPT);
    expect(receipts(bench.leave(1))).toHaveLength(2);
    expect(bench.stats.dropped.NOTHING_HELD).toBe(2);
  });
});
