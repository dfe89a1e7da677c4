/** What crosses the threads, both ways: records into a batch, and a batch into calls. No thread is involved. */
import { expect } from 'vitest';
import { BatchBuilder, type OwnPost, type Post } from '../../../src/shared/wire/batch.ts';
import { FRAME_HEADER_WORDS } from '../../../src/shared/wire/frames/frames.ts';
import { readToMain } from '../../../src/shared/wire/read-to-main.ts';
import { beginDelivered } from '../../../src/shared/wire/to-main.ts';
import { readToShard } from '../../../src/shared/wire/to-shard.ts';
import { framesOf } from '../../helpers/unit/frames.ts';
import { valuesToMain, valuesToShard } from '../../helpers/unit/records.ts';
import { CountToMain, CountToShard } from './parts/counting.ts';
import { FRAME_BYTES, MESSAGES, names, PREFIX, postOfLines, SENDER, taken } from './parts/mail.ts';
import { measure } from './parts/measure.ts';

/** Frames in one delivery: what a peer gets of a turn. */
const RUN_FRAMES = 10;
const DELIVERIES = MESSAGES / RUN_FRAMES;
/** A list that is written to often stands twice in a batch before it is remembered, and then once more. */
const LISTS = 3;

const batch = new BatchBuilder();

const run = framesOf(Array.from({ length: RUN_FRAMES }, () => 'x'.repeat(FRAME_BYTES - 1)));

function putDeliveries(): OwnPost {
  for (let number = 1; number <= DELIVERIES; number++) {
    const header = beginDelivered(batch, number, run.count, run.bytes.length);
    batch.words.set(run.headers, header);
    batch.bytes.set(run.bytes, (header + run.count * FRAME_HEADER_WORDS) << 2);
  }
  return taken(batch);
}

const messages = postOfLines([['bob']], MESSAGES);
const messagesToEight = postOfLines([names(8)], MESSAGES);
const deliveries = putDeliveries();

const prefix = PREFIX.toString();
const body = 'x'.repeat(FRAME_BYTES - PREFIX.length - 1);
for (const [post, to] of [[messages, ['bob']] as const, [messagesToEight, names(8)] as const]) {
  const values = Array.from({ length: MESSAGES }, () => ({ kind: 'message', sender: SENDER, prefix, body, to }));
  expect(valuesToShard(post)).toEqual({ values, sound: true });
}
expect(valuesToMain(deliveries)).toEqual({
  values: Array.from({ length: DELIVERIES }, (_, i) => ({
    kind: 'delivered',
    number: i + 1,
    lines: Array.from({ length: RUN_FRAMES }, () => 'x'.repeat(FRAME_BYTES - 1)),
  })),
  sound: true,
});

const toShard = new CountToShard();
const toMain = new CountToMain();
const readMessages = (post: Post) => toShard.during(() => readToShard(post, toShard));
const readDeliveries = (post: Post) => toMain.during(() => readToMain(post, toMain));

measure(`read ${MESSAGES} messages to one name`, MESSAGES, () => readMessages(messages));
measure(`read ${MESSAGES} messages to lists of 8 names`, LISTS * 8, () => readMessages(messagesToEight));
measure(`put ${DELIVERIES} deliveries of ${RUN_FRAMES} frames`, deliveries.batch.byteLength, () => {
  return putDeliveries().batch.byteLength;
});
measure(`read ${DELIVERIES} deliveries of ${RUN_FRAMES} frames`, MESSAGES, () => readDeliveries(deliveries));
