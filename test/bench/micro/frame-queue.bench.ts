/** Frames that wait: what a mailbox and a writer do with each of them. */
import { expect } from 'vitest';
import { FrameQueue } from '../../../src/shared/wire/frames/frame-queue.ts';
import { framesOf, linesOf } from '../../helpers/unit/frames.ts';
import { FRAME_BYTES, MESSAGES } from './parts/mail.ts';
import { measure } from './parts/measure.ts';

/** About what a writer hands to its socket at once. */
const WRITE_BYTES = 16 * 1024;

const lines = Array.from({ length: MESSAGES }, (_, i) => String(i).padStart(FRAME_BYTES - 1, 'x'));
const all = framesOf(lines);

function pushEach(queue: FrameQueue): void {
  for (let i = 0; i < MESSAGES; i++) queue.push(all.bytes, i * FRAME_BYTES, FRAME_BYTES, 0, 0, i);
}

/** @returns how many frames there were */
function takeAll(queue: FrameQueue, maxBytes: number): number {
  let frames = 0;
  while (queue.count > 0) frames += queue.takeRun(maxBytes).count;
  return queue.bytes === 0 ? frames : Number.NaN;
}

/** The queue outlives the rounds, as a mailbox does its mail. */
const queue = new FrameQueue();

for (const fill of [() => pushEach(queue), () => queue.pushRun(all), () => queue.unshift([framesOf(lines)], 1)]) {
  fill();
  const out: string[] = [];
  while (queue.count > 0) out.push(...linesOf(queue.takeRun(WRITE_BYTES)));
  expect(out).toEqual(lines);
}

measure(`push ${MESSAGES} frames, and take them in runs of ${WRITE_BYTES} bytes`, MESSAGES, () => {
  pushEach(queue);
  return takeAll(queue, WRITE_BYTES);
});
measure(`push a run of ${MESSAGES} frames, and take it whole`, MESSAGES, () => {
  queue.pushRun(all);
  return takeAll(queue, Number.POSITIVE_INFINITY);
});
measure(`put back a run of ${MESSAGES} frames, and take it in runs of ${WRITE_BYTES} bytes`, MESSAGES, () => {
  queue.unshift([all], 1);
  return takeAll(queue, WRITE_BYTES);
});
