/** Repeats of programs' messages: the same id from the same name to the same name is taken once. */
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../../../src/shared/wire/batch.ts';
import { DURABLE, FROM_PROGRAM } from '../../../../src/shared/wire/frames/frames.ts';
import { SenderNotices } from '../../../../workers/shard/notices/sender-notices.ts';
import { valuesToMain } from '../../../helpers/unit/records.ts';
import { BENCH_SETTINGS } from '../../../helpers/unit/samples.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';
import { PaperStore } from '../../../helpers/unit/store.ts';

const FIRST = 1;
const AGAIN = 2;

/** Puts a message of a program. `number` is how its outcome is told. */
function send(bench: ShardBench, number: number, id: string, { from = 'ann', to = 'bob', kind = 0 } = {}): ShardBench {
  return bench.messageFrom(9, from, to, `"id":${JSON.stringify(id)},"time":1,\t1`, FROM_PROGRAM | kind, number);
}

/** The outcomes that the senders were told, by number; ` again` if it is a repeat. */
function outcomes(bench: ShardBench): [number, string][] {
  return bench.said.flatMap((value) => {
    if (value.kind !== 'event' || value.event.class !== 'outcome') return [];
    const { messageId, kind, duplicate } = value.event;
    return [[messageId, `${kind}${duplicate ? ' again' : ''}`] as [number, string]];
  });
}

const withBob = (settings = {}) => new ShardBench(settings).attach(1, 'bob');

/** A bench whose name bob is away. */
const bobAway = (settings = {}, store = new PaperStore()) =>
  new ShardBench(settings, Number.POSITIVE_INFINITY, store).attach(1, 'bob').leave(1).work();

/** The next broker, after a crash. */
function restarted(bench: ShardBench, settings = {}, now = bench.now): Promise<ShardBench> {
  const next = new ShardBench(settings, Number.POSITIVE_INFINITY, bench.work().store);
  next.now = now;
  next.shard.tick();
  return next.load([], true);
}

describe('a repeat', () => {
  it('of a taken message is not delivered, and is told the first outcome', () => {
    const bench = send(send(withBob(), FIRST, 'm'), AGAIN, 'm').work();
    expect([outcomes(bench), bench.delivered(1).length]).toEqual([
      [
        [FIRST, 'taken'],
        [AGAIN, 'taken again'],
      ],
      1,
    ]);
    expect(bench.store.keys('d')).toEqual([]);
  });

  it('is told with its name as it was, though the batch with the name is over when the disk answers', () => {
    const out = new BatchBuilder();
    const held: (() => void)[] = [];
    const notices = new SenderNotices({ ...BENCH_SETTINGS, firstWindowBytes: 1 }, out, {
      whenHeld: (then) => held.push(then),
    });
    const name = Buffer.from('eve');
    notices.repeated({ sender: 1, messageId: AGAIN }, name, 'held');
    name.fill('?');
    for (const then of held) then();
    const post = out.takeOwn();
    expect(post === undefined ? [] : valuesToMain(post).values).toMatchObject([
      { kind: 'event', event: { name: 'eve', kind: 'held', duplicate: true } },
    ]);
  });

  it('of a message that waits in memory is none the less one', () => {
    const bench = withBob({ writeWindowBytes: 1, unreportedBytes: 0 }).messageFrom(9, 'ann', 'bob', 'first').work();
    send(send(bench, FIRST, 'm'), AGAIN, 'm').work();
    expect(outcomes(bench)).toEqual([
      [FIRST, 'taken'],
      [AGAIN, 'taken again'],
    ]);
    expect(bench.stats.heldMessages).toBe(1);
  });

  it('has the same id, sender and name', () => {
    const bench = send(withBob().attach(2, 'eve'), 1, 'm');
    send(send(send(bench, 2, 'm', { to: 'eve' }), 3, 'm', { from: 'dan' }), 4, 'm"');
    send(bench, 5, 'm\\');
    expect(new Set(outcomes(bench).map(([, kind]) => kind))).toEqual(new Set(['taken']));
  });

  it('is told that it is held only when the first is on disk', () => {
    const bench = bobAway();
    bench.storeAnswers = false;
    send(send(bench, FIRST, 'm'), AGAIN, 'm').work();
    expect(outcomes(bench)).toEqual([]);
    while (bench.store.answer()) bench.work();
    expect(outcomes(bench)).toEqual([
      [FIRST, 'held'],
      [AGAIN, 'held again'],
    ]);
    expect(bench.stats.heldMessages).toBe(1);
  });

  it('is one also when its name is not known any more', () => {
    const bench = send(withBob({ holdSeconds: 0 }), FIRST, 'm')
      .work()
      .write(1)
      .leave(1)
      .work();
    expect(outcomes(send(bench, AGAIN, 'm'))).toEqual([
      [FIRST, 'taken'],
      [AGAIN, 'taken again'],
    ]);
  });

  it('is a new message at its age, and not before', () => {
    const bench = send(withBob({ dedupeSeconds: 5 }), 1, 'm').pass(4);
    send(bench, 2, 'm').pass(1);
    expect(outcomes(send(bench, 3, 'm')).map(([, kind]) => kind)).toEqual(['taken', 'taken again', 'taken']);
  });

  it('is none where nothing is remembered', () => {
    const bench = send(send(withBob({ dedupeSeconds: 0 }), 1, 'm'), 2, 'm');
    expect(outcomes(bench).map(([, kind]) => kind)).toEqual(['taken', 'taken']);
    expect(bench.delivered(1)).toHaveLength(2);
  });
});

describe('a message that was not taken can be sent again:', () => {
  it('one to an unknown name', () => {
    const bench = send(new ShardBench(), FIRST, 'm').work();
    expect(outcomes(send(bench.attach(1, 'bob'), AGAIN, 'm'))).toEqual([
      [FIRST, 'unknown'],
      [AGAIN, 'taken'],
    ]);
  });

  it('one to a full mailbox', () => {
    const bench = send(bobAway({ mailboxMaxMessages: 1 }), 3, 'other').work();
    send(bench, FIRST, 'm').work();
    expect(bench.store.keys('d')).toHaveLength(1);
    bench.attach(2, 'bob').work().write(2).work();
    expect(outcomes(send(bench, AGAIN, 'm'))).toEqual([
      [3, 'held'],
      [FIRST, 'full'],
      [AGAIN, 'taken'],
    ]);
  });

  it('one that could not be stored', () => {
    const bench = bobAway();
    bench.store.failing = 'IO error: no space left on device';
    bench.attach(2, 'eve').leave(2).work();
    send(bench, FIRST, 'm').work();
    bench.store.failing = undefined;
    bench.shard.resume();
    bench.answerAll();
    expect(outcomes(send(bench, AGAIN, 'm'))).toEqual([
      [FIRST, 'unstored'],
      [AGAIN, 'held'],
    ]);
  });
});

describe('the number of remembered messages', () => {
  it('has a limit, beyond which the oldest is forgotten', () => {
    const bench = send(send(withBob({ dedupeMax: 2 }), 1, 'a'), 2, 'b');
    send(send(send(bench, 3, 'a'), 4, 'c'), 5, 'b');
    expect(outcomes(send(bench, 6, 'a')).map(([, kind]) => kind)).toEqual([
      'taken',
      'taken',
      'taken again',
      'taken',
      'taken again',
      'taken',
    ]);
  });

  it('has it in the store too', () => {
    const bench = bobAway({ dedupeMax: 2 });
    for (const [at, id] of ['a', 'b', 'c'].entries()) send(bench, at + 1, id).work();
    expect(bench.store.keys('d')).toHaveLength(2);
  });
});

describe('after a crash of the broker', () => {
  it.each([
    ['held', () => send(bobAway(), FIRST, 'm')],
    ['durable', () => send(withBob(), FIRST, 'm', { kind: DURABLE })],
  ])('a repeat of a %s message is one', async (_, before) => {
    const bench = await restarted(before());
    expect(outcomes(send(bench, AGAIN, 'm'))).toEqual([[AGAIN, 'held again']]);
    expect([bench.stats.heldMessages, bench.store.keys('m').length]).toEqual([1, 1]);
  });

  it('its entry and its mail are in one group', () => {
    const bench = bobAway();
    const { writes } = bench.store;
    send(bench, FIRST, 'm').work();
    expect([bench.store.writes - writes, bench.store.keys('d').length, bench.store.keys('m').length]).toEqual([
      1, 1, 1,
    ]);
  });

  it('entries that are too old are deleted, at the start and later', async () => {
    const before = send(send(bobAway(), 1, 'old').pass(60), 2, 'young');
    const bench = (await restarted(before, {}, before.now + 60)).work();
    bench.shard.postOut();
    expect([bench.answerAll().store.keys('d').length, outcomes(send(bench, AGAIN, 'young'))]).toEqual([
      1,
      [[AGAIN, 'held again']],
    ]);
    expect(bench.pass(60).store.keys('d')).toEqual([]);
  });

  it('the oldest are deleted where there are too many', async () => {
    const before = send(send(bobAway(), 1, 'z').pass(1), 2, 'a');
    const bench = await restarted(before, { dedupeMax: 1 });
    expect(outcomes(send(bench, AGAIN, 'a'))).toEqual([[AGAIN, 'held again']]);
    expect(bench.answerAll().store.keys('d')).toHaveLength(1);
  });

  it('entries that cannot be read are passed over', async () => {
    const before = send(bobAway(), FIRST, 'm').work();
    before.store.damaged.add(before.store.keys('d')[0] ?? '');
    const bench = await restarted(before);
    expect(outcomes(send(bench, AGAIN, 'm'))).toEqual([[AGAIN, 'held']]);
  });
});
