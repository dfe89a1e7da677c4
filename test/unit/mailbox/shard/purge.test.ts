/** Mail that an operator looks at and purges, in memory and in the store. */
import { describe, expect, it } from 'vitest';
import { WANTS_RECEIPT } from '../../../../src/shared/wire/frames/frames.ts';
import { MAX_PURGED_MESSAGES } from '../../../../src/shared/wire/port/asked.ts';
import { MAX_OPEN_STEPS } from '../../../../workers/mailbox/asked/store-steps.ts';
import { ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** Bob is away, and ann has sent him these. */
function away(...bodies: string[]): ShardBench {
  const bench = new ShardBench();
  bench.attach(1, 'bob').work().leave(1).work();
  bench.messageFrom(9, 'ann', 'bob', bodies[0] ?? '', WANTS_RECEIPT);
  for (const body of bodies.slice(1)) bench.messageFrom(9, 'ann', 'bob', body);
  return bench.work();
}

/** Lets the shard answer. */
async function answered<T>(bench: ShardBench, answer: Promise<T>): Promise<T> {
  bench.work();
  return await answer;
}

async function textsOf(bench: ShardBench): Promise<string[]> {
  const page = await answered(bench, bench.shard.asked.mail('bob', 0, 100));
  return page.state === 'mail' ? page.messages.map(({ body }) => body) : [page.state];
}

describe('a purge of all mail', () => {
  it('deletes it in the store, counts it, and tells who wants a receipt', async () => {
    const bench = away('1', '2', '3');
    expect(bench.store.keys('m')).toHaveLength(3);
    expect(await answered(bench, bench.shard.asked.purge('bob', undefined))).toMatchObject({ purged: 3, more: false });
    expect(bench.store.keys('m')).toEqual([]);
    expect(bench.stats).toMatchObject({ heldMessages: 0, heldBytes: 0, dropped: { PURGED: 3 } });
    expect(bench.budget.used).toBe(0);
    expect(bench.said.flatMap((value) => (value.kind === 'expired' ? [[value.name, value.state]] : []))).toEqual([
      ['bob', 'purged'],
    ]);
    bench.messageFrom(9, 'ann', 'bob', '4').work();
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['from ann: 4']);
  });

  it('is answered only when that is written, and leaves what comes meanwhile', async () => {
    const bench = away('1', '2');
    bench.storeAnswers = false;
    let isAnswered = false;
    const purge = bench.shard.asked.purge('bob', undefined).then((answer) => {
      isAnswered = true;
      return answer;
    });
    bench.messageFrom(9, 'ann', 'bob', '3').work();
    bench.store.answer();
    await Promise.resolve();
    expect(isAnswered).toBe(false);
    bench.storeAnswers = true;
    expect(await answered(bench, purge)).toMatchObject({ purged: 2, more: false });
    expect(await textsOf(bench)).toEqual(['3']);
  });

  it('drops so many at a time, and goes on where it is asked to', async () => {
    const bodies = Array.from({ length: MAX_PURGED_MESSAGES + 5 }, (_, index) => `${index}`);
    const bench = away(...bodies);
    let purged = 0;
    let calls = 0;
    for (let before: number | undefined; ; calls++) {
      const answer = await answered(bench, bench.shard.asked.purge('bob', before));
      if (answer.state !== 'purged') throw new Error(answer.state);
      expect(answer.purged).toBeLessThanOrEqual(MAX_PURGED_MESSAGES);
      purged += answer.purged;
      before = answer.before;
      if (!answer.more) break;
    }
    expect([purged, calls > 0, bench.stats.heldMessages]).toEqual([bodies.length, true, 0]);
  });

  it('takes what waits in memory, and not what a writer has', async () => {
    const bench = new ShardBench({ writeWindowBytes: 30 });
    bench.attach(1, 'bob').work();
    for (const id of [1, 2, 3, 4]) bench.messageFrom(9, 'ann', 'bob', `${id}`.repeat(10));
    bench.work();
    const handed = bench.delivered(1).length;
    const page = await answered(bench, bench.shard.asked.mail('bob', 0, 100));
    expect(page).toMatchObject({ inHands: handed });
    expect(await answered(bench, bench.shard.asked.purge('bob', undefined))).toMatchObject({ purged: 4 - handed });
    expect(bench.stats).toMatchObject({ heldMessages: 0, memoryBytes: 0 });
    bench.leave(1).work();
    expect(bench.attach(2, 'bob').delivered(2)).toHaveLength(handed);
  });

  it('is refused for a name that is not known, and while the store cannot be written', async () => {
    const bench = away('1');
    expect(await answered(bench, bench.shard.asked.purge('zoe', undefined))).toEqual({ state: 'unknown' });
    bench.store.failing = 'no space left on device';
    bench.messageFrom(9, 'ann', 'bob', '2').work();
    expect(await answered(bench, bench.shard.asked.purge('bob', undefined))).toEqual({ state: 'unwritable' });
  });
});

describe('a purge of one message', () => {
  it('takes that, wherever it is, and nothing twice', async () => {
    const bench = away('1', '2', '3');
    const page = await answered(bench, bench.shard.asked.mail('bob', 0, 100));
    const seqs = page.state === 'mail' ? page.messages.map(({ seq }) => seq) : [];
    const second = seqs[1] ?? 0;
    expect(await answered(bench, bench.shard.asked.purgeOne('bob', second))).toMatchObject({ purged: 1 });
    for (const seq of [second, (seqs[2] ?? 0) + 1, 0, second + 2 ** 32]) {
      expect(await answered(bench, bench.shard.asked.purgeOne('bob', seq))).toMatchObject({ purged: 0 });
    }
    expect(await textsOf(bench)).toEqual(['1', '3']);
    expect(bench.attach(2, 'bob').delivered(2)).toEqual(['from ann: 1', 'from ann: 3']);
    expect(bench.stats.dropped.PURGED).toBe(1);
  });
});

it('no more than so many questions are open at a time', async () => {
  const bench = away('1');
  bench.storeAnswers = false;
  const open = Array.from({ length: MAX_OPEN_STEPS }, () => bench.shard.asked.mail('bob', 0, 1));
  expect(await bench.shard.asked.mail('bob', 0, 1)).toEqual({ state: 'busy' });
  bench.storeAnswers = true;
  bench.work();
  expect((await Promise.all(open)).map(({ state }) => state)).toEqual(open.map(() => 'mail'));
});
