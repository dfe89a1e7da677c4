import { describe, expect, it } from 'vitest';
import { LentBuffers } from '../../../src/shared/memory/buffer-pool.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import {
  BatchBuilder,
  BatchCursor,
  isLoan,
  type Post,
  padded,
  posted,
  postWeight,
  received,
} from '../../../src/shared/wire/batch.ts';
import { FRAME_HEADER_WORDS } from '../../../src/shared/wire/frames.ts';
import { putDrain, putFlush, putReturn, readToShard } from '../../../src/shared/wire/to-shard.ts';
import { framesOf } from '../../helpers/unit/frames.ts';
import { postOf, putToMain, putToShard, valuesToMain, valuesToShard } from '../../helpers/unit/records.ts';

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
    const first = batch.takeOwn();
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
    expect(batch.takeOwn()?.batch.byteLength).toBe(12);
  });

  it('rounds records up to whole words', () => {
    expect([0, 1, 2, 3, 4, 5].map(padded)).toEqual([0, 4, 4, 4, 4, 8]);
  });
});

describe('a batch in lent buffers', () => {
  const BYTES = 4_096;
  const buffers = (count: number) => {
    const place = { flagsAt: 0, at: 128, count, bufferBytes: BYTES };
    return new LentBuffers(new Memory(new ArrayBuffer(place.at + count * BYTES)), place);
  };
  const flushes = (batch: BatchBuilder, ...tokens: number[]) => {
    for (const token of tokens) putFlush(batch, token);
    const post = batch.take();
    if (post === undefined) throw new Error('an empty batch');
    return post;
  };
  const tokens = (post: Post) =>
    valuesToShard(post).values.map((value) => (value.kind === 'flush' ? value.token : value));
  const numbers = (...posts: Post[]) => posts.map((post) => (isLoan(post) ? post.number : 'own'));

  it('is posted as a number, and is at the other end what it was', () => {
    const lent = buffers(2);
    const post = flushes(new BatchBuilder(lent), 1, 2);
    const [value, transfer] = posted(post);
    expect([typeof value, transfer]).toEqual(['number', []]);
    const arrived = received(value, lent);
    expect([tokens(arrived), postWeight(arrived), postWeight(post)]).toEqual([[1, 2], 24, 24]);
  });

  it('takes the buffers of returned mail along', () => {
    const lent = buffers(2);
    const batch = new BatchBuilder(lent);
    putToShard(batch, returned);
    const post = batch.take() ?? postOf(putToShard, []);
    const weight = postWeight(post);
    const [value, transfer] = posted(post);
    expect(transfer).toHaveLength(3);
    const arrived = received(structuredClone(value, { transfer }), lent);
    expect([valuesToShard(arrived), postWeight(arrived)]).toEqual([{ values: [returned], sound: true }, weight]);
    expect(isLoan(arrived)).toBe(true);
  });

  it('is never in one that is lent: where all are, it is in one of its own', () => {
    const lent = buffers(2);
    const batch = new BatchBuilder(lent);
    const posts = [1, 2, 3].map((token) => flushes(batch, token));
    expect([numbers(...posts), posts.map(tokens)]).toEqual([
      [0, 1, 'own'],
      [[1], [2], [3]],
    ]);
    lent.giveBack(1);
    // The one at hand was begun before that.
    expect(numbers(flushes(batch, 4), flushes(batch, 5), flushes(batch, 6))).toEqual(['own', 1, 'own']);
  });

  it('fills the first that is at home', () => {
    const lent = buffers(3);
    const batch = new BatchBuilder(lent);
    flushes(batch, 1);
    flushes(batch, 2);
    lent.giveBackAll();
    expect(numbers(flushes(batch, 3), flushes(batch, 4))).toEqual([2, 0]);
  });

  it('goes on in a buffer of its own where it is too large, and the next one does not', () => {
    const batch = new BatchBuilder(buffers(2));
    const many = Array.from({ length: BYTES / 12 + 1 }, (_, token) => token);
    expect(batch.fits(BYTES)).toBe(true);
    const [exact, large, next] = [flushes(batch, ...many.slice(2)), flushes(batch, ...many), flushes(batch, 7)];
    expect(numbers(exact, large, next)).toEqual([0, 'own', 1]);
    expect([exact, large, next].map(tokens)).toEqual([many.slice(2), many, [7]]);
  });

  it('says whether a record has room beside those that were gathered', () => {
    const batch = new BatchBuilder(buffers(1));
    putFlush(batch, 1);
    expect([batch.fits(BYTES - 12), batch.fits(BYTES - 11)]).toEqual([true, false]);
  });

  it('is gathered in no lent buffer any more by a builder that is retired', () => {
    const lent = buffers(2);
    const batch = new BatchBuilder(lent);
    putFlush(batch, 1);
    batch.retire();
    expect([batch.used, numbers(flushes(batch, 2)), lent.free()]).toEqual([0, ['own'], 0]);
  });

  it('means nothing to who does not share the memory', () => {
    expect(() => received(0x1000004)).toThrow('shares none');
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
      whoIs: nothing,
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
      { kind: 'attached', number: 1, as: 'receiving', waiting: 3 } as const,
      { kind: 'attached', number: 2, as: 'send-only', waiting: 0 } as const,
      { kind: 'delivered', number: 1, lines: ['one', '', 'three'] } as const,
      { kind: 'settled', number: 1 } as const,
      ...(['held', 'unknown', 'full'] as const).map(
        (notice) => ({ kind: 'noticed', sender: 4, notice, name: 'bob' }) as const,
      ),
      { kind: 'noticed', sender: 4, notice: 'held', name: '' } as const,
      { kind: 'noticed', sender: 4, notice: 'unstored', name: 'bob', more: 9 } as const,
      { kind: 'noticed', sender: 4, notice: 'others', name: '', more: 2 ** 31 - 1 } as const,
      ...(['here', 'away', 'unknown'] as const).map(
        (state) => ({ kind: 'who is', asker: 4, name: 'bob', whoIs: { state, awaySeconds: 5, waiting: 6 } }) as const,
      ),
      { kind: 'worked', bytes: 2 ** 31 - 1 } as const,
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
    new Int32Array(post.batch).fill(5, 3, 4);
    expect(valuesToMain(post)).toEqual(UNSOUND);
  });

  it('answer 0 for a word that the record does not have', () => {
    const cursor = new BatchCursor(postOf(putToShard, [{ kind: 'drain' }, FLUSH]));
    cursor.next();
    expect([cursor.at(1), cursor.at(2), cursor.at(3)]).toEqual([8, 0, 0]);
  });
});
