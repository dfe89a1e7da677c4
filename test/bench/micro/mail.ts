/** The mail of the micro-benchmarks: small messages, as many of them as a batch that crosses the threads holds in a burst. */
import { BatchBuilder, type Post } from '../../../src/channel/batch.ts';
import { putMessage } from '../../../src/channel/to-shard.ts';
import { AddressedLine } from '../../../src/lines.ts';
import { lineOf } from '../../helpers/unit-lines.ts';

export const MESSAGES = 500;
export const SENDER = 1_000_000;
export const PREFIX = Buffer.from('from alice: ');
const BODY_BYTES = 100;
const BODY = 'x'.repeat(BODY_BYTES);

/** A delivered line, its LF included. */
export const FRAME_BYTES = PREFIX.length + BODY_BYTES + 1;

/** `count` names, all of the same length. */
export function names(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `peer${String(i).padStart(4, '0')}`);
}

/** A line to these names, without its LF. */
export function lineTo(...to: readonly string[]): Buffer {
  return Buffer.from(`${to.join(', ')}: ${BODY}`);
}

/** Puts a line for all its destinations: the only shard has them all. */
export function putLine(batch: BatchBuilder, line: Buffer, split: AddressedLine): void {
  putMessage(batch, 0, SENDER, PREFIX, lineOf(line), split);
}

/** A line that is split already, as the router has it when it puts it into a batch. */
export function splitLine(line: Buffer): AddressedLine {
  const split = new AddressedLine(1);
  if (!split.split(line, 0, line.length)) throw new Error(`a line for nobody: ${line}`);
  return split;
}

/** What a batch gives away; there must be something in it. */
export function taken(batch: BatchBuilder): Post {
  const post = batch.take();
  if (post === undefined) throw new Error('an empty batch');
  return post;
}

/** A post of `count` lines, to each list of names in turn. */
export function postOfLines(to: readonly (readonly string[])[], count: number): Post {
  const batch = new BatchBuilder();
  const lines = to.map((list) => lineTo(...list));
  for (let put = 0; put < count; ) {
    for (const line of lines.slice(0, count - put)) {
      putLine(batch, line, splitLine(line));
      put++;
    }
  }
  return taken(batch);
}
