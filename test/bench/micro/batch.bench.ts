/** What crosses the threads, both ways: records into a batch, and a batch into calls. No thread is involved. */
import { expect } from 'vitest';
import { BatchBuilder, type Post } from '../../../src/channel/batch.ts';
import { FRAME_HEADER_WORDS } from '../../../src/channel/frames.ts';
import { beginDelivered, readToMain } from '../../../src/channel/to-main.ts';
import { readToShard } from '../../../src/channel/to-shard.ts';
import { framesOf } from '../../helpers/unit-frames.ts';
import { valuesToMain, valuesToShard } from '../../helpers/unit-records.ts';
import { CountToMain, CountToShard } from './counting.ts';
import { FRAME_BYTES, lineTo, MESSAGES, names, PREFIX, putLine, SENDER, splitLine, taken } from './mail.ts';
import { measure } from './measure.ts';

/** Frames in one delivery: what a peer gets of a turn. */
const RUN_FRAMES = 10;
const DELIVERIES = MESSAGES / RUN_FRAMES;

const batch = new BatchBuilder();

function putMessages(line: Buffer, split = splitLine(line)): Post {
  for (let i = 0; i < MESSAGES; i++) putLine(batch, line, split);
  return taken(batch);
}

const run = framesOf(Array.from({ length: RUN_FRAMES }, () => 'x'.repeat(FRAME_BYTES - 1)));

function putDeliveries(): Post {
  for (let number = 1; number <= DELIVERIES; number++) {
    const header = beginDelivered(batch, number, run.count, run.bytes.length);
    batch.words.set(run.headers, header);
    batch.bytes.set(run.bytes, (header + run.count * FRAME_HEADER_WORDS) << 2);
  }
  return taken(batch);
}

const toOne = lineTo('bob');
const toEight = lineTo(...names(8));
const splitOne = splitLine(toOne);
const splitEight = splitLine(toEight);
const messages = putMessages(toOne);
const messagesToEight = putMessages(toEight);
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

measure(`put ${MESSAGES} messages to one name`, messages.batch.byteLength, () => {
  return putMessages(toOne, splitOne).batch.byteLength;
});
measure(`put ${MESSAGES} messages to 8 names`, messagesToEight.batch.byteLength, () => {
  return putMessages(toEight, splitEight).batch.byteLength;
});
measure(`read ${MESSAGES} messages to one name`, MESSAGES, () => readMessages(messages));
measure(`read ${MESSAGES} messages to 8 names`, MESSAGES * 8, () => readMessages(messagesToEight));
measure(`put ${DELIVERIES} deliveries of ${RUN_FRAMES} frames`, deliveries.batch.byteLength, () => {
  return putDeliveries().batch.byteLength;
});
measure(`read ${DELIVERIES} deliveries of ${RUN_FRAMES} frames`, MESSAGES, () => readDeliveries(deliveries));
