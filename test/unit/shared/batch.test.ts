import { describe, expect, it } from 'vitest';
import { BufferPool } from '../../../src/shared/memory/buffer-pool.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import {
  BatchBuilder,
  isLease,
  type Post,
  padded,
  posted,
  postWeight,
  received,
} from '../../../src/shared/wire/batch.ts';
import { FRAME_HEADER_WORDS } from '../../../src/shared/wire/frames/frames.ts';
import { DRAIN, FLUSH as FLUSH_LAYOUT } from '../../../src/shared/wire/records.ts';
import { putDrain, putFlush, putReturn } from '../../../src/shared/wire/to-shard.ts';
import { framesOf } from '../../helpers/unit/frames.ts';
import { postOf, putToShard, valuesToShard } from '../../helpers/unit/records.ts';
import { FLUSH, RETURN, returned } from '../../helpers/unit/samples.ts';

const FLUSH_BYTES = FLUSH_LAYOUT.end * 4;

describe('a batch', () => {
  it('that holds nothing is not taken', () => {
    expect(new BatchBuilder().take()).toBeUndefined();
  });

  it('is empty once it was taken', () => {
    const batch = new BatchBuilder();
    putReturn(batch, { ...RETURN, name: Buffer.from('bob'), runs: [framesOf(['one'])] });
    expect(batch.take()?.moved).toHaveLength(1);
    expect([batch.used, batch.take()]).toEqual([0, undefined]);
    putFlush(batch, 1);
    expect(batch.take()?.moved).toEqual([]);
  });

  it('that was taken is exactly as large as its records, and no more of the builder', () => {
    const batch = new BatchBuilder();
    putDrain(batch);
    const first = batch.takeOwn();
    putFlush(batch, 9);
    expect(first?.batch.byteLength).toBe(DRAIN.end * 4);
    expect(valuesToShard(first ?? { batch: new ArrayBuffer(0), moved: [] }).values).toEqual([{ kind: 'drain' }]);
  });

  it('grows past its first capacity, and keeps what it held', () => {
    const values = Array.from({ length: 20_000 }, (_, flushId) => ({ kind: 'flush', flushId }) as const);
    expect(valuesToShard(postOf(putToShard, values))).toEqual({ values, sound: true });
  });

  it('grows for one record that is larger than twice what it has', () => {
    const large = { kind: 'message', sender: 1, prefix: 'p', body: 'x'.repeat(300_000), to: ['bob'] } as const;
    expect(valuesToShard(postOf(putToShard, [FLUSH, large, FLUSH])).values).toEqual([FLUSH, large, FLUSH]);
  });

  it('gives up a very large capacity, and can be used again', () => {
    const batch = new BatchBuilder();
    batch.begin(1, 4 * 1024 * 1024);
    batch.take();
    expect(batch.bytes.length).toBeLessThanOrEqual(1024 * 1024);
    putFlush(batch, 3);
    expect(batch.takeOwn()?.batch.byteLength).toBe(FLUSH_BYTES);
  });

  it('rounds records up to whole words', () => {
    expect([0, 1, 2, 3, 4, 5].map(padded)).toEqual([0, 4, 4, 4, 4, 8]);
  });
});

describe('a batch in the buffers of a pool', () => {
  const BYTES = 4_096;
  const buffers = (count: number) => {
    const place = { flagsAt: 0, at: 128, count, bufferBytes: BYTES };
    return new BufferPool(new Memory(new ArrayBuffer(place.at + count * BYTES)), place);
  };
  const flushes = (batch: BatchBuilder, ...flushIds: number[]) => {
    for (const flushId of flushIds) putFlush(batch, flushId);
    const post = batch.take();
    if (post === undefined) throw new Error('an empty batch');
    return post;
  };
  const flushIds = (post: Post) =>
    valuesToShard(post).values.map((value) => (value.kind === 'flush' ? value.flushId : value));
  const numbers = (...posts: Post[]) => posts.map((post) => (isLease(post) ? post.number : 'own'));

  it('is posted as a number, and is at the other end what it was', () => {
    const pool = buffers(2);
    const post = flushes(new BatchBuilder(pool), 1, 2);
    const [value, transfer] = posted(post);
    expect([typeof value, transfer]).toEqual(['number', []]);
    const arrived = received(value, pool);
    expect([flushIds(arrived), postWeight(arrived), postWeight(post)]).toEqual([
      [1, 2],
      2 * FLUSH_BYTES,
      2 * FLUSH_BYTES,
    ]);
  });

  it('takes the buffers of returned mail along', () => {
    const pool = buffers(2);
    const batch = new BatchBuilder(pool);
    putToShard(batch, returned);
    const post = batch.take() ?? postOf(putToShard, []);
    const weight = postWeight(post);
    const [value, transfer] = posted(post);
    expect(transfer).toHaveLength(3);
    const arrived = received(structuredClone(value, { transfer }), pool);
    expect([valuesToShard(arrived), postWeight(arrived)]).toEqual([{ values: [returned], sound: true }, weight]);
    expect(isLease(arrived)).toBe(true);
  });

  it('is never in one that is leased: where all are, it is in one of its own', () => {
    const pool = buffers(2);
    const batch = new BatchBuilder(pool);
    const posts = [1, 2, 3].map((flushId) => flushes(batch, flushId));
    expect([numbers(...posts), posts.map(flushIds)]).toEqual([
      [0, 1, 'own'],
      [[1], [2], [3]],
    ]);
    pool.release(1);
    // The one at hand was begun before that.
    expect(numbers(flushes(batch, 4), flushes(batch, 5), flushes(batch, 6))).toEqual(['own', 1, 'own']);
  });

  it('fills the first that is free', () => {
    const pool = buffers(3);
    const batch = new BatchBuilder(pool);
    flushes(batch, 1);
    flushes(batch, 2);
    pool.releaseAll();
    expect(numbers(flushes(batch, 3), flushes(batch, 4))).toEqual([2, 0]);
  });

  it('goes on in a buffer of its own where it is too large, and the next one does not', () => {
    const batch = new BatchBuilder(buffers(2));
    const many = Array.from({ length: BYTES / FLUSH_BYTES + 1 }, (_, flushId) => flushId);
    expect(batch.fits(BYTES)).toBe(true);
    const [exact, large, next] = [flushes(batch, ...many.slice(2)), flushes(batch, ...many), flushes(batch, 7)];
    expect(numbers(exact, large, next)).toEqual([0, 'own', 1]);
    expect([exact, large, next].map(flushIds)).toEqual([many.slice(2), many, [7]]);
  });

  it('says whether a record has room beside those that were gathered', () => {
    const batch = new BatchBuilder(buffers(1));
    putFlush(batch, 1);
    expect([batch.fits(BYTES - FLUSH_BYTES), batch.fits(BYTES - FLUSH_BYTES + 1)]).toEqual([true, false]);
  });

  it('is gathered in no buffer of the pool any more by a builder that is retired', () => {
    const pool = buffers(2);
    const batch = new BatchBuilder(pool);
    putFlush(batch, 1);
    batch.retire();
    expect([batch.used, numbers(flushes(batch, 2)), pool.free()]).toEqual([0, ['own'], 0]);
  });

  it('means nothing to who does not share the memory', () => {
    expect(() => received(0x1000004)).toThrow('has no pool');
  });
});

describe('what is posted', () => {
  it('is the bare buffer where nothing moves with it', () => {
    const post = postOf(putToShard, [FLUSH]);
    expect(posted(post)).toEqual([post.batch, [post.batch]]);
    expect(received(posted(post)[0])).toEqual(post);
  });

  it('takes the buffers of returned mail along', () => {
    const post = postOf(putToShard, [returned]);
    const [value, transfer] = posted(post);
    expect(transfer).toEqual([post.batch, ...post.moved]);
    const arrived = received(structuredClone(value, { transfer }));
    expect(valuesToShard(arrived)).toEqual({ values: [returned], sound: true });
    expect(post.moved.map((buffer) => buffer.byteLength)).toEqual([0, 0, 0]);
  });

  it('weighs all its buffers', () => {
    const post = postOf(putToShard, [returned]);
    const frames = 3 * FRAME_HEADER_WORDS * 4 + 'one\ntwo\nthree\n'.length;
    expect(postWeight(post)).toBe(post.batch.byteLength + frames);
  });
});
