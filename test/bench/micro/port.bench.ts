/**
 * There and back between two threads: what a batch pays for the crossing, whatever is in it. Each round posts the
 * number of a leased buffer, or a buffer of its own; the other thread sends back the very same.
 */
import { afterAll, beforeAll, expect } from 'vitest';
import { isLease, type OwnPost, type Post, received } from '../../../src/shared/wire/batch.ts';
import { valuesToShard } from '../../helpers/unit/records.ts';
import { Echo } from './parts/echo.ts';
import { postOfLines } from './parts/mail.ts';
import { measureAsync } from './parts/measure.ts';

const LARGE_BYTES = 64 * 1024;

/** @returns a copy of a post in a buffer of its own */
function ownCopyOf(post: Post): OwnPost {
  const bytes = isLease(post) ? post.memory.bytes.subarray(post.start, post.end) : new Uint8Array(post.batch);
  return { batch: new Uint8Array(bytes).buffer, moved: [] };
}

const one = ownCopyOf(postOfLines([['bob']], 1));
const inLarge = Math.floor(LARGE_BYTES / one.batch.byteLength);
const large = ownCopyOf(postOfLines([['bob']], inLarge));
expect(large.batch.byteLength / LARGE_BYTES).toBeGreaterThan(0.99);

let echo: Echo;
beforeAll(async () => {
  echo = new Echo();
  for (const [post, messages] of [[one, 1] as const, [large, inLarge] as const]) {
    const sent = valuesToShard(post);
    expect(sent.values).toHaveLength(messages);
    const copy = ownCopyOf(post);
    const back = await echo.send(copy);
    expect(copy.batch.byteLength).toBe(0); // it was moved, not copied
    expect(valuesToShard(received(back))).toEqual(sent);
  }
});
afterAll(() => echo[Symbol.asyncDispose]());

/** Rounds of the same batch there and back. */
function measureRoundTrip(name: string, post: OwnPost): void {
  measureAsync(name, post.batch.byteLength, async () => {
    await echo.send(ownCopyOf(post));
    return post.batch.byteLength;
  });
}

measureAsync('there and back: a leased buffer', 1, async () => Math.min(1, (await echo.sendLeased(1)) as number));
measureRoundTrip('there and back: a batch of one message', one);
measureRoundTrip(`there and back: a batch of 64 KiB (${inLarge} messages)`, large);
