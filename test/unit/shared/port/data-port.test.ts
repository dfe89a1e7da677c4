import { MessageChannel } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { PostRing } from '../../../../src/shared/memory/post-ring.ts';
import type { PostedValue } from '../../../../src/shared/wire/batch.ts';
import { DataPort, laneOf } from '../../../../src/shared/wire/port/data-port.ts';

const WAKE = null;

/** Both ends, and the messages that are in the lane from the first to the second. */
function scene() {
  const memory = new Memory(new SharedArrayBuffer(2 * PostRing.BYTES));
  const ring = (at: number) => new PostRing(memory, at);
  ring(0).reset();
  ring(PostRing.BYTES).reset();
  const lane: unknown[] = [];
  const none = { postMessage: () => undefined, receive: () => undefined };
  const from = new DataPort({ ...none, postMessage: (message) => lane.push(message) }, ring(0), ring(PostRing.BYTES));
  const to = new DataPort({ ...none, receive: () => lane.shift() }, ring(PostRing.BYTES), ring(0));
  return { from, to, lane };
}

/** A post that moves a buffer of so many bytes. */
const moved = (bytes: number): PostedValue => new ArrayBuffer(bytes);
const shown = (value: PostedValue | undefined) => (value instanceof ArrayBuffer ? `${value.byteLength} bytes` : value);

function takeAll(to: DataPort): unknown[] {
  const taken: unknown[] = [];
  for (let value = to.next(); value !== undefined; value = to.next()) taken.push(shown(value));
  return taken;
}

describe('a data port', () => {
  it('wakes an end that sleeps for the first number, and not for the next', () => {
    const { from, to, lane } = scene();
    from.postMessage(1, []);
    from.postMessage(2, []);
    expect(lane).toEqual([WAKE]);
    to.arrived(lane.shift());
    expect(takeAll(to)).toEqual([1, 2]);
    expect(to.sleep()).toBe(true);
    from.postMessage(3, []);
    expect(lane).toEqual([WAKE]);
  });

  it('does not wake an end that looks by itself', () => {
    const { from, to, lane } = scene();
    to.stayAwake();
    from.postMessage(1, []);
    expect([lane, to.waiting, to.next()]).toEqual([[], true, 1]);
  });

  it('gives posts of both kinds in the order they were posted, though the lane has no event for them yet', () => {
    const { from, to } = scene();
    const posts = [1, moved(10), moved(20), 2, 3, moved(30), 4];
    for (const post of posts) from.postMessage(post, []);
    expect(takeAll(to)).toEqual(posts.map(shown));
  });

  it('gives them in that order when the lane is ahead', () => {
    const { from, to, lane } = scene();
    const posts = [1, 2, moved(10), 3, moved(20)];
    for (const post of posts) from.postMessage(post, []);
    for (const message of lane.splice(0)) to.arrived(message);
    expect(takeAll(to)).toEqual(posts.map(shown));
  });

  it('uses the lane for numbers that the ring has no room for, in order', () => {
    const { from, to, lane } = scene();
    const posts = Array.from({ length: 70 }, (_, i) => i + 1);
    for (const post of posts) from.postMessage(post, []);
    expect(lane.length).toBe(1 + 70 - 64);
    const taken = [to.next(), to.next()];
    from.postMessage(71, []); // there is room again, and it must not overtake those in the lane
    expect([...taken, ...takeAll(to)]).toEqual([...posts.slice(0, 64), ...posts.slice(64), 71]);
  });

  it('may sleep while a number waits for a post that the lane will have an event for', () => {
    const { from, to, lane } = scene();
    to.stayAwake();
    from.postMessage(moved(10), []);
    from.postMessage(1, []);
    const late = lane.splice(0); // on its way, as it never is with a MessagePort
    expect([to.next(), to.sleep()]).toEqual([undefined, true]);
    for (const message of late) to.arrived(message);
    expect(takeAll(to)).toEqual(['10 bytes', 1]);
  });

  it('counts only posts that were posted: one that cannot be does not block the next', () => {
    const { port1, port2 } = new MessageChannel();
    const memory = new Memory(new SharedArrayBuffer(2 * PostRing.BYTES));
    const [there, back] = [new PostRing(memory, 0), new PostRing(memory, PostRing.BYTES)];
    const from = new DataPort(laneOf(port1), there, back);
    const to = new DataPort(laneOf(port2), back, there);
    const twice = new ArrayBuffer(8);
    expect(() => from.postMessage(twice, [twice, twice])).toThrow('duplicate');
    from.postMessage(moved(8), []);
    from.postMessage(5, []);
    expect(takeAll(to)).toEqual(['8 bytes', 5]);
    port1.close();
  });
});
