/** Large frames stay in the buffers to the shard until the main thread has read their deliveries. */
import { describe, expect, it } from 'vitest';
import { BatchBuilder, type Post } from '../../../src/shared/wire/batch.ts';
import { putAttach, putBegin } from '../../../src/shared/wire/to-shard.ts';
import { Shard } from '../../../workers/shard/shard.ts';
import { linesOf } from '../../helpers/unit/frames.ts';
import { overwrittenPools } from '../../helpers/unit/overwritten-buffers.ts';
import { putToShard, type ToMainValue, valuesToMain } from '../../helpers/unit/records.ts';
import { BENCH_SETTINGS } from '../../helpers/unit/samples.ts';
import { NO_PROGRESS, PaperBudget } from '../../helpers/unit/shard/bench.ts';

const LEAST_BYTES = 100;
const LARGE = 'x'.repeat(LEAST_BYTES);
const SMALL = 'x'.repeat(LEAST_BYTES / 2);

/** A shard with bob as attachment 1 and eve as 2, whose deliveries of frames from LEAST_BYTES on are in place. */
function scene() {
  const pools = overwrittenPools(2, 4096);
  const posts: Post[] = [];
  const input = new BatchBuilder(pools.toShard);
  const shard = new Shard(
    { ...BENCH_SETTINGS, firstWindowBytes: BENCH_SETTINGS.writeWindowBytes },
    {
      budget: new PaperBudget(Number.POSITIVE_INFINITY),
      now: () => 1_000_000,
      out: new BatchBuilder(pools.toMain),
      inPlace: { arena: pools.toShard.memory, leastBytes: LEAST_BYTES },
      post: (post) => posts.push(post),
    },
  );
  /** @param own whether the post is in a buffer of its own, as it is where no buffer of the pool is free */
  const receive = (own = false) => {
    const post = own ? input.takeOwn() : input.take();
    if (post !== undefined) shard.receive(post);
  };
  const turn = (own = false): ToMainValue[] => {
    receive(own);
    shard.postOut();
    return posts.splice(0).flatMap((post) => valuesToMain(post, linesOf, pools.gatherer).values);
  };
  // This first post takes buffer 0, so the next is in buffer 1.
  putBegin(input);
  for (const [number, name] of ['bob', 'eve'].entries()) {
    putAttach(input, 1 + number, Buffer.from(name), false, NO_PROGRESS);
  }
  turn();
  const send = (...messages: readonly (readonly [to: string, body: string])[]) => {
    for (const [to, body] of messages) putToShard(input, { kind: 'message', sender: 9, prefix: '', body, to: [to] });
  };
  const leased = () => pools.toShard.leasedCount;
  return { leased, receive, send, turn };
}

const delivered = (number: number, ...lines: readonly string[]) => ({ kind: 'delivered', number, lines });
const released = (buffer: number) => ({ kind: 'released', buffer });

describe('a delivery', () => {
  it('of large frames is in place, and its buffer is released after it', () => {
    const { leased, send, turn } = scene();
    send(['bob', `${LARGE}1`], ['eve', `${LARGE}2`], ['bob', `${LARGE}3`]);
    const values = turn();
    expect(values.slice(0, 3)).toEqual([
      delivered(1, `${LARGE}1`, `${LARGE}3`),
      delivered(2, `${LARGE}2`),
      released(1),
    ]);
    expect(leased()).toBe(1);
  });

  it('of small frames is copied, and its buffer is released at once', () => {
    const { leased, send, turn } = scene();
    send(['bob', SMALL]);
    const kinds = turn().map(({ kind }) => kind);
    expect([kinds, leased()]).toEqual([['delivered', 'acknowledged'], 0]);
  });

  it('of small frames beside a large one is right too', () => {
    const { send, turn } = scene();
    send(['bob', SMALL], ['eve', `${LARGE}2`]);
    expect(turn().slice(0, 3)).toEqual([delivered(1, SMALL), delivered(2, `${LARGE}2`), released(1)]);
  });

  it('of large frames in buffers that moved to the shard is copied', () => {
    const { leased, send, turn } = scene();
    send(['bob', `${LARGE}1`]);
    expect(turn(true)[0]).toEqual(delivered(1, `${LARGE}1`));
    expect(leased()).toBe(0);
  });

  it('of large frames in both kinds of buffers is copied', () => {
    const { receive, send, turn } = scene();
    send(['bob', `${LARGE}1`]);
    receive(true);
    send(['bob', `${LARGE}2`]);
    const values = turn();
    expect(values[0]).toEqual(delivered(1, `${LARGE}1`, `${LARGE}2`));
    expect(values.filter(({ kind }) => kind === 'released')).toEqual([]);
  });

  it('releases all buffers of its turn', () => {
    const { leased, receive, send, turn } = scene();
    send(['bob', `${LARGE}1`]);
    receive();
    send(['bob', `${LARGE}2`]);
    expect(turn()).toEqual(expect.arrayContaining([released(0), released(1)]));
    expect(leased()).toBe(2);
  });
});
