/** Durable messages: they are on disk before they are accepted, also where their name is here. */
import { describe, expect, it } from 'vitest';
import { DURABLE } from '../../../../src/shared/wire/frames/frames.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** The outcomes that the sender was told, by id. */
function outcomes(bench: ShardBench): [number, string][] {
  return bench.said.flatMap((value) => {
    if (value.kind !== 'event' || value.event.class !== 'outcome') return [];
    return [[value.event.messageId, value.event.kind] as [number, string]];
  });
}

/** Puts one durable message. Its text is its id. */
function send(bench: ShardBench, id: number, to = 'bob'): ShardBench {
  return bench.messageFrom(9, 'ann', to, String(id), DURABLE, id);
}

const lines = (...ids: (number | string)[]) => ids.map((id) => `from ann: ${id}`);

describe('a durable message for who is here', () => {
  it('is held, and delivered, once it is on disk, and not before', () => {
    const bench = new ShardBench().attach(1, 'bob').work();
    bench.storeAnswers = false;
    const { syncs } = bench.store;
    expect([send(bench, 7).delivered(1), outcomes(bench)]).toEqual([[], []]);
    // What comes meanwhile is delivered behind it.
    bench.messageFrom(9, 'ann', 'bob', 'live').work();
    expect(bench.delivered(1)).toEqual([]);
    while (bench.store.answer()) bench.work();
    expect(bench.store.syncs).toBeGreaterThan(syncs);
    expect([outcomes(bench), bench.store.keys('m').length]).toEqual([[[7, 'held']], 1]);
    expect(bench.delivered(1)).toEqual(lines(7, 'live'));
  });

  it('leaves the disk when its writer has written it, and not before', () => {
    const bench = send(new ShardBench().attach(1, 'bob'), 7).work();
    expect(bench.store.keys('m')).toHaveLength(1);
    bench.write(1).work();
    expect([bench.store.keys('m'), bench.stats.heldMessages, bench.budget.used]).toEqual([[], 0, 0]);
  });

  it('keeps its place among others', () => {
    const bench = new ShardBench({ writeWindowBytes: 30, unreportedBytes: 0 }).attach(1, 'bob').work();
    const say = (body: string) => bench.messageFrom(9, 'ann', 'bob', body);
    say('one');
    send(bench, 2);
    say('three');
    send(bench, 4);
    say('five');
    for (let writes = 0; writes < 6; writes++) bench.write(1).work();
    expect(bench.delivered(1)).toEqual(lines('one', 2, 'three', 4, 'five'));
    expect([bench.store.keys('m'), bench.stats.heldMessages]).toEqual([[], 0]);
  });

  it('comes again after a crash of the broker', async () => {
    const before = send(new ShardBench().attach(1, 'bob'), 7).messageFrom(9, 'ann', 'bob', 'live').work();
    const bench = await new ShardBench({}, Number.POSITIVE_INFINITY, before.store).load([], true);
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(lines(7));
    expect(bench.write(2).work().store.keys('m')).toEqual([]);
  });

  it('goes back to the disk it is on, with what its writer returns', () => {
    const bench = send(new ShardBench().attach(1, 'bob').messageFrom(9, 'ann', 'bob', 'live'), 7).work();
    bench.leave(1).work();
    expect([bench.store.keys('m').length, bench.stats.heldMessages]).toEqual([2, 2]);
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(lines('live', 7));
  });
});

describe('a durable message is refused', () => {
  it('as unstored where nothing is held', () => {
    const bench = send(new ShardBench({ holdSeconds: 0 }).attach(1, 'bob'), 7).work();
    expect([outcomes(bench), bench.delivered(1)]).toEqual([[[7, 'unstored']], []]);
    expect(bench.stats.dropped.NOTHING_HELD).toBe(1);
  });

  it('as unstored for a name that is not remembered', () => {
    const bench = send(new ShardBench().attach(1, '~bob'), 7, '~bob').work();
    expect([outcomes(bench), bench.delivered(1)]).toEqual([[[7, 'unstored']], []]);
  });

  it('as unstored while the disk cannot be written, though its name is here', () => {
    const bench = new ShardBench().attach(1, 'bob').attach(2, 'carol').leave(2).work();
    bench.store.failing = 'No space left on device';
    bench.messageFrom(9, 'ann', 'carol', 'held').work();
    send(bench, 7).work();
    expect([outcomes(bench), bench.delivered(1)]).toEqual([[[7, 'unstored']], []]);
  });

  it('as full at the limit of its mailbox', () => {
    const bench = new ShardBench({ mailboxMaxMessages: 1, writeWindowBytes: 1, unreportedBytes: -1 }).attach(1, 'bob');
    for (const id of [1, 2, 3]) send(bench, id);
    expect(outcomes(bench.work()).map(([, kind]) => kind)).toContain('full');
  });
});
