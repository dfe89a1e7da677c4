import { describe, expect, it } from 'vitest';
import {
  BatchBuilder,
  BatchCursor,
  POOLED_BYTES,
  padded,
  posted,
  postWeight,
  received,
} from '../../src/channel/batch.ts';
import { FRAME_HEADER_WORDS } from '../../src/channel/frames.ts';
import { putDrain, putFlush, putReturn, readToShard } from '../../src/channel/to-shard.ts';
import { framesOf } from '../helpers/unit-frames.ts';
import { postOf, putToMain, putToShard, valuesToMain, valuesToShard } from '../helpers/unit-records.ts';

const ACCOUNT = {
  handedFrames: 4,
  handedBytes: 40,
  writtenFrames: 3,
  writtenBytes: -30,
  handedNumber: 7,
  writtenNumber: -6,
};
const FLUSH = { kind: 'flush', token: 7 } as const;
const RETURN = {
  kind: 'return',
  attachment: 5,
  name: 'bob',
  last: true,
  writtenFrames: 1,
  writtenBytes: 10,
  writtenNumber: 8,
  runs: [['one', 'two'], [], ['three']],
} as const;
const returned = { ...RETURN, runs: RETURN.runs.map((run) => [...run]) };

/** A post whose words were changed. */
function damaged(change: (words: Int32Array) => void, values = [returned]) {
  const post = postOf(putToShard, values);
  change(new Int32Array(post.batch));
  return post;
}

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
    const first = batch.take();
    putFlush(batch, 9);
    expect(first?.batch.byteLength).toBe(8);
    expect(valuesToShard(first ?? { batch: new ArrayBuffer(0), moved: [] }).values).toEqual([{ kind: 'drain' }]);
  });

  it('grows past its first capacity, and keeps what it held', () => {
    const values = Array.from({ length: 20_000 }, (_, token) => ({ kind: 'flush', token }) as const);
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
    expect(batch.take()?.batch.byteLength).toBe(12);
  });

  it('rounds records up to whole words', () => {
    expect([0, 1, 2, 3, 4, 5].map(padded)).toEqual([0, 4, 4, 4, 4, 8]);
  });
});

describe('a large batch whose buffer comes back', () => {
  const DRAIN = 6;
  const builder = () => new BatchBuilder({ comesBack: true });
  const taken = (batch: BatchBuilder, bytes: number) => {
    batch.begin(DRAIN, bytes);
    const post = batch.take();
    if (post === undefined) throw new Error('an empty batch');
    return post;
  };

  it('is as long as its records, though its buffer is larger, and so it arrives', () => {
    const batch = builder();
    const values = Array.from({ length: 25_000 }, (_, token) => ({ kind: 'flush', token }) as const);
    for (const value of values) putToShard(batch, value);
    const post = batch.take() ?? postOf(putToShard, []);
    expect([post.batch.byteLength, post.used, postWeight(post)]).toEqual([POOLED_BYTES, 300_000, 300_000]);
    const [value, transfer] = posted(post);
    const arrived = received(structuredClone(value, { transfer }));
    expect([valuesToShard(arrived), postWeight(arrived)]).toEqual([{ values, sound: true }, 300_000]);
  });

  it('is written into one that has come back, and what that held before is no part of it', () => {
    const batch = builder();
    const first = taken(batch, POOLED_BYTES).batch;
    new Uint8Array(first).fill(0xff);
    batch.reuse(first);
    const post = taken(batch, 256 * 1024);
    expect(post.batch).toBe(first);
    expect([valuesToShard(post).values, post.used]).toEqual([[{ kind: 'drain' }], 256 * 1024]);
    expect(taken(batch, 256 * 1024).batch).not.toBe(first);
  });

  it('is only one of 256 to 640 KiB: others have buffers of their size, and so have all where none comes back', () => {
    const sizes = [256 * 1024 - 4, 256 * 1024, POOLED_BYTES, POOLED_BYTES + 4];
    const batch = builder();
    expect(sizes.map((size) => taken(batch, size).batch.byteLength)).toEqual([
      256 * 1024 - 4,
      POOLED_BYTES,
      POOLED_BYTES,
      POOLED_BYTES + 4,
    ]);
    expect(sizes.map((size) => taken(new BatchBuilder(), size).batch.byteLength)).toEqual(sizes);
  });

  it('comes back to a builder that keeps two, and none of another size', () => {
    const batch = builder();
    const three = [1, 2, 3].map(() => new ArrayBuffer(POOLED_BYTES));
    for (const buffer of [...three, new ArrayBuffer(POOLED_BYTES * 2)]) batch.reuse(buffer);
    const used = [1, 2, 3].map(() => taken(batch, 300_000).batch);
    expect(three.map((buffer) => used.includes(buffer))).toEqual([true, true, false]);
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

describe('records to a shard', () => {
  it('are read back the same, with numbers at their ends', () => {
    const values = [
      { kind: 'attach', number: 2 ** 31 - 1, name: 'bob', sendOnly: true, account: ACCOUNT } as const,
      { kind: 'attach', number: 1, name: '', sendOnly: false, account: ACCOUNT } as const,
      { kind: 'written', number: 1, frames: -(2 ** 31), bytes: 2 ** 31 - 1, last: -1 } as const,
      returned,
      { kind: 'message', sender: 3, prefix: 'from \0: ', body: '', to: ['', 'bob', 'bob'] } as const,
      { kind: 'drain' } as const,
    ];
    expect(valuesToShard(postOf(putToShard, values))).toEqual({ values, sound: true });
  });

  it('are none for a message to nobody of the shard', () => {
    const nobody = { kind: 'message', sender: 3, prefix: '', body: 'hi', to: [] } as const;
    expect(postOf(putToShard, [nobody]).batch.byteLength).toBe(0);
  });

  it('may be left unread in part', () => {
    const to = ['bob', 'eve'];
    const post = postOf(putToShard, [{ kind: 'message', sender: 3, prefix: '', body: 'hi', to }, FLUSH]);
    const tokens: number[] = [];
    const nothing = () => undefined;
    const handler = {
      attach: nothing,
      list: nothing,
      message: nothing,
      written: nothing,
      return: nothing,
      drain: nothing,
      begin: nothing,
    };
    expect(readToShard(post, { ...handler, flush: (token) => tokens.push(token) })).toBe(true);
    expect(tokens).toEqual([7]);
  });
});

describe('records to the main thread', () => {
  it('are read back the same', () => {
    const values = [
      { kind: 'attached', number: 1, receiving: true } as const,
      { kind: 'attached', number: 2, receiving: false } as const,
      { kind: 'delivered', number: 1, lines: ['one', '', 'three'] } as const,
      { kind: 'settled', number: 1 } as const,
      ...(['held', 'unknown', 'full'] as const).map(
        (notice) => ({ kind: 'noticed', sender: 4, notice, name: 'bob' }) as const,
      ),
      { kind: 'noticed', sender: 4, notice: 'held', name: '' } as const,
      { kind: 'worked', bytes: 2 ** 31 - 1 } as const,
      { kind: 'spared', bytes: 100 } as const,
      { kind: 'flushed', token: 5, waiting: 7, storing: true } as const,
    ];
    expect(valuesToMain(postOf(putToMain, values))).toEqual({ values, sound: true });
  });
});

describe('bytes that are no record', () => {
  const UNSOUND = { values: [], sound: false };

  it.each([
    ['an unknown kind', (words: Int32Array) => words.fill(99, 0, 1)],
    ['a size of 0', (words: Int32Array) => words.fill(0, 1, 2)],
    ['a negative size', (words: Int32Array) => words.fill(-8, 1, 2)],
    ['a size that is no whole word', (words: Int32Array) => words.fill(13, 1, 2)],
    ['a size past the end of the batch', (words: Int32Array) => words.fill(1 << 20, 1, 2)],
    ['a name past the end of the record', (words: Int32Array) => words.fill(1000, 7, 8)],
    ['a name of negative length', (words: Int32Array) => words.fill(-1, 7, 8)],
    ['more runs than there are', (words: Int32Array) => words.fill(4, 8, 9)],
    ['a run of a buffer that did not come', (words: Int32Array) => words.fill(3, 10, 11)],
    ['a run of more frames than its buffer holds', (words: Int32Array) => words.fill(9, 11, 12)],
    ['a run of more bytes than its frames', (words: Int32Array) => words.fill(7, 12, 13)],
  ])('are refused, and nothing of the record is handled: %s', (_what, change) => {
    expect(valuesToShard(damaged(change))).toEqual(UNSOUND);
  });

  it('leave the records before them handled, and none behind', () => {
    const post = postOf(putToShard, [FLUSH, FLUSH, FLUSH]);
    new Int32Array(post.batch).fill(99, 3, 4);
    expect(valuesToShard(post)).toEqual({ values: [FLUSH], sound: false });
  });

  it('are a batch cut short', () => {
    const { batch } = postOf(putToShard, [FLUSH, FLUSH]);
    expect(valuesToShard({ batch: batch.slice(0, 17), moved: [] })).toEqual({ values: [FLUSH], sound: false });
  });

  it('are a delivery of no frames, or of more than there are', () => {
    const delivered = [{ kind: 'delivered', number: 1, lines: ['one'] } as const];
    const unsound = [0, -1, 2, 2 ** 31 - 1].map((count) => {
      const post = postOf(putToMain, delivered);
      new Int32Array(post.batch).fill(count, 3, 4);
      return valuesToMain(post);
    });
    expect(unsound).toEqual([UNSOUND, UNSOUND, UNSOUND, UNSOUND]);
  });

  it('are a notice that there is not', () => {
    const post = postOf(putToMain, [{ kind: 'noticed', sender: 1, notice: 'full', name: 'bob' }]);
    new Int32Array(post.batch).fill(4, 3, 4);
    expect(valuesToMain(post)).toEqual(UNSOUND);
  });

  it('answer 0 for a word that the record does not have', () => {
    const cursor = new BatchCursor(postOf(putToShard, [{ kind: 'drain' }, FLUSH]));
    cursor.next();
    expect([cursor.at(1), cursor.at(2), cursor.at(3)]).toEqual([8, 0, 0]);
  });
});
