import { describe, expect, it } from 'vitest';
import { BatchCursor } from '../../../src/shared/wire/batch.ts';
import { readToShard } from '../../../src/shared/wire/to-shard.ts';
import { postOf, putToMain, putToShard, valuesToMain, valuesToShard } from '../../helpers/unit/records.ts';
import { FLUSH, returned } from '../../helpers/unit/samples.ts';

const PROGRESS = {
  handedFrames: 4,
  handedBytes: 40,
  writtenFrames: 3,
  writtenBytes: -30,
  handedNumber: 7,
  writtenNumber: -6,
};
/** A post whose words were changed. */
function damaged(change: (words: Int32Array) => void, values = [returned]) {
  const post = postOf(putToShard, values);
  change(new Int32Array(post.batch));
  return post;
}

describe('records to a shard', () => {
  it('are read back the same, with numbers at their ends', () => {
    const values = [
      { kind: 'attach', number: 2 ** 31 - 1, name: 'bob', sendOnly: true, progress: PROGRESS } as const,
      { kind: 'attach', number: 1, name: '', sendOnly: false, progress: PROGRESS } as const,
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
