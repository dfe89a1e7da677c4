import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type OwnPost, posted, received } from '../../src/shared/wire/batch.ts';
import { NO_MESSAGE_ID } from '../../src/shared/wire/events.ts';
import { FRAME_HEADER_WORDS, FROM_PROGRAM, type Frames, REDELIVERED } from '../../src/shared/wire/frames/frames.ts';
import { paced } from '../helpers/pace/pace.ts';
import {
  postOf,
  putToMain,
  putToShard,
  type ToMainValue,
  type ToShardValue,
  valuesToMain,
  valuesToShard,
} from '../helpers/unit/records.ts';

const budget = { numRuns: 1000, interruptAfterTimeLimit: paced(3000) };
const damageBudget = { numRuns: 4000, interruptAfterTimeLimit: paced(3000) };

const latin1 = (maxLength: number) =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));
const word = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 }));
const line = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 10 });
const lines = fc.array(line, { maxLength: 4 });
const kind = <K extends string>(name: K) => fc.constant(name);
const progress = fc.record({
  handedFrames: word,
  handedBytes: word,
  writtenFrames: word,
  writtenBytes: word,
  handedNumber: word,
  writtenNumber: word,
});

/** A count that is said: 0 is left out. */
const count = fc.integer({ min: 1, max: 2 ** 31 - 1 });

const toShard: fc.Arbitrary<ToShardValue> = fc.oneof(
  fc.record({
    kind: kind('attach'),
    number: word,
    name: latin1(20),
    sendOnly: fc.boolean(),
    progress,
    windowFrames: fc.integer({ min: 1, max: 10_000 }),
  }),
  fc.record({
    kind: kind('message'),
    sender: word,
    prefix: latin1(12),
    body: latin1(30),
    to: fc.array(latin1(9), { minLength: 1, maxLength: 5 }),
    frameKind: fc.constantFrom(FROM_PROGRAM, REDELIVERED, FROM_PROGRAM | REDELIVERED),
    messageId: count,
  }),
  fc.record({ kind: kind('written'), number: word, frames: word, bytes: word, last: word }),
  fc.record({
    kind: kind('return'),
    attachment: word,
    name: latin1(20),
    last: fc.boolean(),
    writtenFrames: word,
    writtenBytes: word,
    writtenNumber: word,
    runs: fc.array(lines, { maxLength: 3 }),
  }),
  fc.record({ kind: kind('who is'), asker: word, name: latin1(20), question: count }),
  fc.record({ kind: kind('flush'), flushId: word }),
  fc.record({ kind: kind('drain') }),
);
const outcome = fc.constantFrom('held', 'unknown', 'full', 'unstored');
const news = fc.record({
  class: kind('news'),
  kind: fc.oneof(outcome, kind('others')),
  name: latin1(20),
  more: count,
  messageId: word,
});
const outcomeEvent = fc.record({
  class: kind('outcome'),
  kind: fc.oneof(outcome, kind('taken')),
  name: latin1(20),
  messageId: word.filter((id) => id !== NO_MESSAGE_ID),
  duplicate: fc.boolean(),
});
const toMain: fc.Arbitrary<ToMainValue> = fc.oneof(
  fc.record({
    kind: kind('attached'),
    number: word,
    as: fc.constantFrom('receiving', 'waiting', 'send-only', 'refused'),
    waiting: word,
    last: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  }),
  fc.record({ kind: kind('delivered'), number: word, lines: fc.array(line, { minLength: 1, maxLength: 5 }) }),
  fc.record({ kind: kind('settled'), number: word }),
  fc.record({ kind: kind('event'), sender: word, event: fc.oneof(news, outcomeEvent) }),
  fc.record({
    kind: kind('who is'),
    asker: word,
    name: latin1(20),
    whoIs: fc.record({ state: fc.constantFrom('here', 'away', 'unknown'), awaySeconds: count, waiting: count }),
    question: count,
  }),
  fc.record({ kind: kind('acknowledged'), bytes: word }),
  fc.record({ kind: kind('flushed'), flushId: word, waiting: word, storing: fc.boolean() }),
);

/** What is done to a sound post: words and bytes overwritten, and its end cut off. */
const damage = fc.record({
  words: fc.array(fc.tuple(fc.nat(200), fc.oneof(word, fc.integer({ min: -9, max: 80 }))), { maxLength: 4 }),
  bytes: fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 3 }),
  cut: fc.option(fc.nat(400), { nil: undefined }),
  moved: fc.boolean(),
});

function damaged(post: OwnPost, { words, bytes, cut, moved }: typeof damage extends fc.Arbitrary<infer T> ? T : never) {
  const batch = post.batch.slice(0, cut);
  const asWords = new Int32Array(batch, 0, batch.byteLength >> 2);
  const asBytes = new Uint8Array(batch);
  for (const [at, value] of words) if (asWords.length > 0) asWords[at % asWords.length] = value;
  for (const [at, value] of bytes) if (asBytes.length > 0) asBytes[at % asBytes.length] = value;
  return { batch, moved: moved ? post.moved : [] };
}

/** Says whether a run lies in the post's own buffers; whether its frames are lines is no matter here. */
function whereabouts({ batch, moved }: OwnPost): (run: Frames) => string[] {
  const own: ArrayBufferLike[] = [batch, ...moved];
  return ({ headers, bytes, count }) => {
    const inside = own.includes(headers.buffer) && headers.buffer === bytes.buffer;
    return inside && headers.length === count * FRAME_HEADER_WORDS ? [] : ['outside'];
  };
}

/** Reads the post both ways. Reading throws where a record speaks of bytes outside of it. */
const wordsOf = (post: OwnPost) =>
  JSON.stringify([valuesToShard(post, whereabouts(post)), valuesToMain(post, whereabouts(post))]);

describe('records', () => {
  it('to a shard are read back the same', () => {
    fc.assert(
      fc.property(fc.array(toShard, { maxLength: 12 }), (values) => {
        expect(valuesToShard(postOf(putToShard, values))).toEqual({ values, sound: true });
      }),
      budget,
    );
  });

  it('to the main thread are read back the same', () => {
    fc.assert(
      fc.property(fc.array(toMain, { maxLength: 12 }), (values) => {
        expect(valuesToMain(postOf(putToMain, values))).toEqual({ values, sound: true });
      }),
      budget,
    );
  });

  it('are read back the same after they crossed to another thread', () => {
    fc.assert(
      fc.property(fc.array(toShard, { minLength: 1, maxLength: 6 }), (values) => {
        const [value, transfer] = posted(postOf(putToShard, values));
        expect(valuesToShard(received(structuredClone(value, { transfer })))).toEqual({ values, sound: true });
      }),
      { ...budget, numRuns: 200 },
    );
  });
});

describe('any bytes', () => {
  const buffers = fc.uint8Array({ maxLength: 120 }).map((bytes) => Uint8Array.from(bytes).buffer);
  const post = fc.record({ batch: buffers, moved: fc.array(buffers, { maxLength: 2 }) });

  it('are read without a throw and without a look outside the batch', () => {
    fc.assert(
      fc.property(post, (value) => {
        expect(wordsOf(value)).not.toContain('outside');
      }),
      damageBudget,
    );
  });

  it('that were sound records to a shard are read without a throw and without a look outside', () => {
    fc.assert(
      fc.property(fc.array(toShard, { minLength: 1, maxLength: 5 }), damage, (values, how) => {
        expect(wordsOf(damaged(postOf(putToShard, values), how))).not.toContain('outside');
      }),
      damageBudget,
    );
  });

  it('that were sound records to the main thread are read without a throw and without a look outside', () => {
    fc.assert(
      fc.property(fc.array(toMain, { minLength: 1, maxLength: 5 }), damage, (values, how) => {
        expect(wordsOf(damaged(postOf(putToMain, values), how))).not.toContain('outside');
      }),
      damageBudget,
    );
  });
});
