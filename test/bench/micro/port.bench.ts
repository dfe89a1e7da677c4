/**
 * There and back between two threads: what a batch pays for the crossing, whatever is in it. Each round posts a buffer of
 * its own, as a builder gives one away; the other thread sends back the very same.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import type { Post } from '../../../src/channel/batch.ts';
import { valuesToShard } from '../../helpers/unit-records.ts';
import { Echo } from './echo.ts';
import { postOfLines } from './mail.ts';
import { measureAsync } from './measure.ts';

const LARGE_BYTES = 64 * 1024;

const one = postOfLines([['bob']], 1);
const inLarge = Math.floor(LARGE_BYTES / one.batch.byteLength);
const large = postOfLines([['bob']], inLarge);
expect(large.batch.byteLength / LARGE_BYTES).toBeGreaterThan(0.99);

let echo: Echo;
beforeAll(async () => {
  echo = new Echo();
  for (const [post, messages] of [[one, 1] as const, [large, inLarge] as const]) {
    const sent = valuesToShard(post);
    expect(sent.values).toHaveLength(messages);
    const copy = copyOf(post);
    const back = await echo.send(copy);
    expect(copy.batch.byteLength).toBe(0); // it was moved, not copied
    expect(valuesToShard(back)).toEqual(sent);
  }
});
afterAll(() => echo[Symbol.asyncDispose]());

const copyOf = ({ batch }: Post): Post => ({ batch: batch.slice(0), moved: [] });

/** Rounds of the same batch there and back. */
function measureRoundTrip(name: string, post: Post): void {
  measureAsync(name, post.batch.byteLength, async () => (await echo.send(copyOf(post))).batch.byteLength);
}

measureRoundTrip('there and back: a batch of one message', one);
measureRoundTrip(`there and back: a batch of 64 KiB (${inLarge} messages)`, large);
