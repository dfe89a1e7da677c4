import { describe, expect, it } from 'vitest';
import { BatchCursor, type OwnPost } from '../../../src/shared/wire/batch.ts';
import { type News, NO_MESSAGE_ID } from '../../../src/shared/wire/events.ts';
import { readToMain, type ToMainHandler } from '../../../src/shared/wire/read-to-main.ts';
import { wordBehindText } from '../../../src/shared/wire/record-text.ts';
import * as records from '../../../src/shared/wire/records.ts';
import { readToShard } from '../../../src/shared/wire/to-shard.ts';
import {
  type EventValue,
  postOf,
  putToMain,
  putToShard,
  type ToMainValue,
  valuesToMain,
  valuesToShard,
} from '../../helpers/unit/records.ts';
import { FLUSH, returned } from '../../helpers/unit/samples.ts';

const { DELIVERED, EVENT, FLUSH: FLUSH_LAYOUT, RECORD, RETURN, RETURN_RUN } = records;
const OUTCOME = { class: 'outcome', kind: 'held', name: 'bob', messageId: 9, duplicate: false } as const;
const PROGRESS = {
  handedFrames: 4,
  handedBytes: 40,
  writtenFrames: 3,
  writtenBytes: -30,
  handedNumber: 7,
  writtenNumber: -6,
};
function newsValue(kind: News['kind'], name: string, more = 0): EventValue {
  return { class: 'news', kind, name, more, messageId: NO_MESSAGE_ID };
}

function event(value: EventValue): ToMainValue {
  return { kind: 'event', sender: 4, event: value };
}

/** Where the first run of `returned` stands. */
const RUN = wordBehindText(RETURN.name, returned.name.length);

/** A post with another value in word `place` of its first record. */
function damaged<P extends OwnPost>(post: P, place: number, value: number): P {
  new Int32Array(post.batch)[place] = value;
  return post;
}

describe('the release of a buffer', () => {
  const released = { kind: 'released', buffer: 0 } as const;

  it('is read back the same', () => {
    expect(valuesToMain(postOf(putToMain, [released]))).toEqual({ values: [released], sound: true });
  });

  it('is no valid record without the number of the buffer', () => {
    const post = postOf(putToMain, [released]);
    const header = RECORD.words * 4;
    const short = damaged({ batch: post.batch.slice(0, header), moved: [] }, RECORD.size, header);
    expect(valuesToMain(short)).toEqual({ values: [], sound: false });
  });

  it('is no valid record where there is no such buffer', () => {
    const handler = { released: () => false } as unknown as ToMainHandler;
    expect(readToMain(postOf(putToMain, [released]), handler)).toBe(false);
  });
});

describe('records to a shard', () => {
  it('are read back the same, with numbers at their ends', () => {
    const values = [
      { kind: 'attach', number: 2 ** 31 - 1, name: 'bob', sendOnly: true, progress: PROGRESS } as const,
      { kind: 'attach', number: 1, name: '', sendOnly: false, progress: PROGRESS } as const,
      { kind: 'written', number: 1, frames: -(2 ** 31), bytes: 2 ** 31 - 1, last: -1 } as const,
      { kind: 'rejected', number: 1, frame: -(2 ** 31) } as const,
      returned,
      { kind: 'message', sender: 3, prefix: 'from \0: ', body: '', to: ['', 'bob', 'bob'] } as const,
      { kind: 'who is', asker: 3, name: 'bob', question: 2 ** 31 - 1 } as const,
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
    const flushIds: number[] = [];
    const nothing = () => undefined;
    const handler = {
      attach: nothing,
      list: nothing,
      message: nothing,
      written: nothing,
      return: nothing,
      whoIs: nothing,
      rejected: nothing,
      drain: nothing,
      begin: nothing,
    };
    expect(readToShard(post, { ...handler, flush: (flushId) => flushIds.push(flushId) })).toBe(true);
    expect(flushIds).toEqual([7]);
  });
});

describe('records to the main thread', () => {
  it('are read back the same', () => {
    const values = [
      { kind: 'attached', number: 1, as: 'receiving', waiting: 3 } as const,
      { kind: 'attached', number: 2, as: 'send-only', waiting: 0 } as const,
      { kind: 'delivered', number: 1, lines: ['one', '', 'three'] } as const,
      { kind: 'settled', number: 1 } as const,
      ...(['held', 'unknown', 'full'] as const).map((kind) => event(newsValue(kind, 'bob'))),
      event(newsValue('held', '')),
      event(newsValue('unstored', 'bob', 9)),
      event(newsValue('others', '', 2 ** 31 - 1)),
      event({ ...newsValue('held', 'bob'), messageId: 2 ** 31 - 1 }),
      ...(['held', 'unknown', 'full', 'unstored'] as const).map((kind) => event({ ...OUTCOME, kind })),
      event({ ...OUTCOME, duplicate: true }),
      ...(['here', 'away', 'unknown'] as const).map(
        (state) =>
          ({
            kind: 'who is',
            asker: 4,
            name: 'bob',
            whoIs: { state, awaySeconds: 5, waiting: 6 },
            question: 7,
          }) as const,
      ),
      { kind: 'acknowledged', bytes: 2 ** 31 - 1 } as const,
      { kind: 'flushed', flushId: 5, waiting: 7, storing: true } as const,
    ];
    expect(valuesToMain(postOf(putToMain, values))).toEqual({ values, sound: true });
  });
});

describe('bytes that are no record', () => {
  const UNSOUND = { values: [], sound: false };

  it.each([
    ['an unknown kind', RECORD.kind, 99],
    ['a size of 0', RECORD.size, 0],
    ['a negative size', RECORD.size, -8],
    ['a size that is no whole word', RECORD.size, 13],
    ['a size past the end of the batch', RECORD.size, 1 << 20],
    ['a name past the end of the record', RETURN.name, 1000],
    ['a name of negative length', RETURN.name, -1],
    ['more runs than there are', RETURN.runs, 4],
    ['a negative number of runs', RETURN.runs, -1],
    ['a run of a buffer that did not come', RUN + RETURN_RUN.buffer, 3],
    ['a run of more frames than its buffer holds', RUN + RETURN_RUN.frames, 9],
    ['a run of more bytes than its frames', RUN + RETURN_RUN.bytes, 7],
  ])('are refused, and nothing of the record is handled: %s', (_what, place, value) => {
    expect(valuesToShard(damaged(postOf(putToShard, [returned]), place, value))).toEqual(UNSOUND);
  });

  it('leave the records before them handled, and none behind', () => {
    const post = postOf(putToShard, [FLUSH, FLUSH, FLUSH]);
    expect(valuesToShard(damaged(post, FLUSH_LAYOUT.end + RECORD.kind, 99))).toEqual({ values: [FLUSH], sound: false });
  });

  it('are a batch cut short', () => {
    const { batch } = postOf(putToShard, [FLUSH, FLUSH]);
    expect(valuesToShard({ batch: batch.slice(0, 17), moved: [] })).toEqual({ values: [FLUSH], sound: false });
  });

  it('are a delivery of no frames, or of more than there are', () => {
    const delivered = [{ kind: 'delivered', number: 1, lines: ['one'] } as const];
    const unsound = [0, -1, 2, 2 ** 31 - 1].map((count) =>
      valuesToMain(damaged(postOf(putToMain, delivered), DELIVERED.frames, count)),
    );
    expect(unsound).toEqual([UNSOUND, UNSOUND, UNSOUND, UNSOUND]);
  });

  it.each([
    ['a class that there is not', EVENT.class, 2],
    ['a kind that there is not', EVENT.kind, 6],
    ['a name past the end of the record', EVENT.name, 1000],
    ['an outcome of messages that are not counted by name', EVENT.kind, 4],
    ['an outcome of no message', EVENT.messageId, NO_MESSAGE_ID],
  ])('are an event with %s', (_what, place, value) => {
    expect(valuesToMain(damaged(postOf(putToMain, [event(OUTCOME)]), place, value))).toEqual(UNSOUND);
  });

  it('answer 0 for a word that the record does not have', () => {
    const cursor = new BatchCursor(postOf(putToShard, [{ kind: 'drain' }, FLUSH]));
    cursor.next();
    const own = RECORD.words;
    expect([cursor.at(RECORD.size), cursor.at(own), cursor.at(own + 1)]).toEqual([own * 4, 0, 0]);
  });
});

describe('the layout of a record', () => {
  const layouts = Object.entries<unknown>(records).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && !name.startsWith('TO_')
      ? [[name, value] as const]
      : [],
  );
  const parts = ['RECORD', 'LIST_NAME', 'RETURN_RUN'];

  it.each([
    ['to a shard', records.TO_SHARD],
    ['to the main thread', records.TO_MAIN],
  ])('has a number of its own among the kinds %s', (_way, kinds) => {
    const numbers = Object.values<number>(kinds);
    expect([...new Set(numbers)].sort((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
  });

  it.each(layouts)('has no gap and uses no word twice: %s', (name, layout) => {
    const first = parts.includes(name) ? 0 : RECORD.words;
    const places: number[] = Object.values(layout);
    expect(places).toEqual(places.map((_, index) => first + index));
  });
});
