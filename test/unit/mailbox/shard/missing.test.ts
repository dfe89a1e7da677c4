/** Mail that was counted and is not there: it is said and counted, and its name goes on. */
import { describe, expect, it } from 'vitest';
import { readIndexValue, type StoreOp } from '../../../../src/store/format.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

const BODIES = Array.from({ length: 10 }, (_, i) => `${i}`);

/** What a shard has left behind: mail for these names, who are away. */
function left(...names: string[]): ShardBench {
  const bench = new ShardBench();
  names.forEach((name, i) => {
    bench.attach(i + 1, name).leave(i + 1);
  });
  for (const name of names) bench.message(99, name, ...BODIES);
  return bench.work();
}

/** A shard that begins with that, after an end that was in order or not. */
function begun(bench: ShardBench, after: 'order' | 'crash', settings = {}): Promise<ShardBench> {
  return new ShardBench(settings, Number.POSITIVE_INFINITY, bench.store).load([], after === 'crash');
}

function lose({ store }: ShardBench, from: number, to: number): void {
  store.apply(store.keys('m').slice(from, to).map(deletionOf));
}

function deletionOf(key: string): StoreOp {
  return { type: 'del', key: Buffer.from(key, 'hex') };
}

function saidMissing(bench: ShardBench): string[] {
  return bench.said.flatMap((value) =>
    value.kind === 'store failed' && value.failure === 'missing' ? [value.message] : [],
  );
}

describe('after an end that was not in order', () => {
  it('it is said at the start, counted, and what is there is delivered, and what is new', async () => {
    const before = left('bob');
    lose(before, 3, 6);
    const bench = await begun(before, 'crash');
    expect(saidMissing(bench)).toEqual(['3 messages for bob']);
    expect(bench.stats).toMatchObject({ heldMessages: 7, dropped: { MAIL_DAMAGED: 3 } });
    bench.attach(2, 'bob').message(9, 'bob', 'live');
    expect(bench.delivered(2)).toEqual(['0', '1', '2', '6', '7', '8', '9', 'live']);
    expect(bench.write(2).stats).toMatchObject({ heldMessages: 0, heldBytes: 0 });
    expect([bench.budget.used, bench.store.keys('m')]).toEqual([0, []]);
  });

  it('a name all of whose mail is gone is known still, and is forgotten in its time', async () => {
    const before = left('bob');
    lose(before, 0, 10);
    const bench = await begun(before, 'crash', { holdSeconds: 100 });
    expect(saidMissing(bench)).toEqual(['10 messages for bob']);
    expect(bench.message(9, 'bob', 'new').notices).toEqual(['9 held bob']);
    bench.pass(101).pass(101);
    expect([bench.stats.names, bench.store.entries.size]).toEqual([0, 0]);
  });

  it('the record is put right, so that it is said once', async () => {
    const before = left('bob');
    lose(before, 3, 6);
    const bench = (await begun(before, 'crash')).work();
    const [key = ''] = bench.store.keys('n');
    expect(readIndexValue(bench.store.entries.get(key) ?? Buffer.alloc(0))).toMatchObject({ count: 7 });
    const next = await begun(bench, 'crash');
    expect([saidMissing(next), next.stats.heldMessages]).toEqual([[], 7]);
  });

  it('mail whose index record is gone is served', async () => {
    const before = left('bob', 'eve');
    before.store.apply(before.store.keys('n').map(deletionOf));
    const bench = await begun(before, 'crash');
    expect(bench.stats).toMatchObject({ names: 2, heldMessages: 20 });
    expect(bench.attach(2, 'eve').delivered(2)).toEqual(BODIES);
  });

  it('nothing is said of what is all there', async () => {
    const bench = await begun(left('bob', 'eve'), 'crash');
    expect([saidMissing(bench), bench.stats.dropped.MAIL_DAMAGED]).toEqual([[], 0]);
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(BODIES);
  });

  it('a message that is damaged is counted once', async () => {
    const before = left('bob');
    const [first = ''] = before.store.keys('m');
    before.store.entries.set(first, Buffer.from('no message'));
    const bench = await begun(before, 'crash');
    bench.attach(2, 'bob').work().write(2).pass(1);
    expect(saidMissing(bench)).toEqual(['1 message for bob']);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, dropped: { MAIL_DAMAGED: 1 } });
  });

  it('many names are not said one by one, and a name is shown escaped', async () => {
    const before = left(...Array.from({ length: 30 }, (_, i) => `e\x1b[2J${i}`));
    lose(before, 0, 300);
    const said = saidMissing(await begun(before, 'crash'));
    expect(said).toHaveLength(21);
    expect(said[0]).toBe('10 messages for e\\x1b[2J0');
    expect(said.at(-1)).toBe('100 messages for other names');
  });
});

describe('after an end that was in order', () => {
  it.each([
    ['the middle', 3, 6],
    ['the end', 7, 10],
    ['the front', 0, 3],
    ['all of it', 0, 10],
  ])('%s that is not there is found when it is read, said, and stops nothing', async (_, from, to) => {
    const before = left('bob');
    lose(before, from, to);
    const bench = await begun(before, 'order');
    bench.attach(2, 'bob').work().write(2).message(9, 'bob', 'live');
    const there = BODIES.filter((_, i) => i < from || i >= to);
    expect(bench.delivered(2)).toEqual([...there, 'live']);
    bench.write(2).pass(1);
    expect(saidMissing(bench)).toEqual([`${to - from} messages for bob`]);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0 });
    expect(bench.budget.used).toBe(0);
  });
});

describe('mail that LevelDB cannot read', () => {
  it.each<['order' | 'crash', number, number]>([
    ['order', 0, 3],
    ['order', 4, 6],
    ['order', 7, 10],
    ['crash', 4, 6],
    ['crash', 0, 10],
  ])('is passed over (after %s, from %d to %d), said, and keeps nothing else back', async (after, from, to) => {
    const before = left('bob');
    for (const key of before.store.keys('m').slice(from, to)) before.store.damaged.add(key);
    const bench = await begun(before, after);
    bench.attach(2, 'bob').work().write(2).message(9, 'bob', 'live');
    const there = BODIES.filter((_, i) => i < from || i >= to);
    expect(bench.delivered(2)).toEqual([...there, 'live']);
    bench.write(2).pass(1);
    expect(saidMissing(bench)).toEqual([`${to - from} messages for bob`]);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0 });
  });
});
