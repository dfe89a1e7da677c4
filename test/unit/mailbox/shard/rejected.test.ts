/** Rejected messages: they count as written, out of their order, and the store has them no more. */
import { expect, it } from 'vitest';
import { BatchBuilder } from '../../../../src/shared/wire/batch.ts';
import { DURABLE } from '../../../../src/shared/wire/frames/frames.ts';
import { putRejected } from '../../../../src/shared/wire/to-shard.ts';
import { NO_PROGRESS, ShardBench } from '../../../helpers/unit/shard/bench.ts';

/** Seconds at which the numbers of a new name have a lower half of 0: to take that for "none" would show. */
const AT_ZERO = 4096 * 250;

/** Bob has got three durable messages, and has rejected the second, of all that he has done. */
function rejecting(): { readonly bench: ShardBench; readonly first: number } {
  const bench = new ShardBench({ strict: true });
  bench.now = AT_ZERO - 1;
  bench.attach(1, 'bob').work();
  for (const id of [1, 2, 3]) bench.messageFrom(9, 'ann', 'bob', `${id}`, DURABLE, id);
  bench.work();
  const first = bench.store.keys('m').length;
  return { bench, first };
}

it('a rejected message leaves the store, and those around it stay', () => {
  const { bench, first } = rejecting();
  expect(first).toBe(3);
  const low = Number(BigInt.asIntN(32, BigInt(`0x${bench.store.keys('m')[1]?.slice(-16)}`)));
  const reject = new BatchBuilder();
  putRejected(reject, 1, low);
  const post = reject.take();
  if (post !== undefined) bench.shard.receive(post);
  bench.written(1, 1, 'from ann: 2\n'.length, 0).work();
  expect(bench.store.keys('m')).toHaveLength(2);
  expect(bench.stats.dropped.REJECTED).toBe(1);
});

it.each([
  ['its writer has the others', 3, []],
  ['the others were returned, and that was lost', 0, ['1', '3']],
])('a rejected message leaves the store when its shard crashed before it knew: %s', async (_, settled, again) => {
  const { bench: before } = rejecting();
  const numbers = before.store.keys('m').map((key) => Number(BigInt.asIntN(32, BigInt(`0x${key.slice(-16)}`))));
  const [, rejected = 0, last = 0] = numbers;
  const name = Buffer.from('bob');
  const settledNumber = settled === 0 ? 0 : last;
  const bench = new ShardBench({ strict: true }, Number.POSITIVE_INFINITY, before.store, false);
  await bench.load([{ name, handedNumber: last, settledNumber, writtenNumber: 0, rejectedNumbers: [rejected] }]);
  const hands = { ...NO_PROGRESS, handedFrames: 2, handedBytes: 2 * 'from ann: 1\n'.length, handedNumber: last };
  if (settled !== 0) bench.attach(1, 'bob', false, hands);
  bench.begin().work();
  expect(bench.store.keys('m')).toHaveLength(2);
  expect(bench.stats.heldMessages).toBe(again.length);
  expect(bench.attach(2, 'bob').delivered(2)).toEqual(again.map((id) => `from ann: ${id}`));
});

it.each([
  ['is away', false],
  ['has another holder, which leaves', true],
])(
  'a message that was dropped before it was handed out leaves the store, though the shard crashed, when its name %s',
  async (_, later) => {
    const { bench: before } = rejecting();
    const [first = 0, , last = 0] = before.store
      .keys('m')
      .map((key) => Number(BigInt.asIntN(32, BigInt(`0x${key.slice(-16)}`))));
    const prior = { name: Buffer.from('bob'), handedNumber: last, settledNumber: last, writtenNumber: 0 };
    const bench = new ShardBench({ strict: true }, Number.POSITIVE_INFINITY, before.store, false);
    await bench.load([{ ...prior, rejectedNumbers: [] }]);
    bench.returned(7, 'bob', ['from ann: 1', 'from ann: 3'], true, { numbers: [first, last] });
    if (later) bench.attach(8, 'bob');
    bench.begin().work();
    if (later) bench.leave(8).work();
    expect(bench.store.keys('m')).toHaveLength(2);
    expect(bench.stats.heldMessages).toBe(2);
    expect(bench.attach(9, 'bob').delivered(9)).toEqual(['from ann: 1', 'from ann: 3']);
  },
);

it('a report without a number tells nothing of the messages before', () => {
  const { bench } = rejecting();
  bench.written(1, 1, 'from ann: 2\n'.length, 0).work();
  expect(bench.store.keys('m')).toHaveLength(3);
  bench.attach(2, 'bob').leave(1).work();
  const lasts = bench.said.flatMap((value) =>
    value.kind === 'attached' && value.as === 'receiving' ? [value.last] : [],
  );
  const firstNumber = Number(BigInt(`0x${bench.store.keys('m')[0]?.slice(-16)}`));
  expect(lasts).toEqual([firstNumber - 1, firstNumber - 1]);
});
