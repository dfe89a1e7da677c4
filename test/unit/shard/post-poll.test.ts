import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { BatchBuilder, posted, received } from '../../../src/shared/wire/batch.ts';
import { putFlush } from '../../../src/shared/wire/to-shard.ts';
import { PostPoll } from '../../../workers/shard/post-poll.ts';

/** A clock that goes on by `stepMs` at every look. */
class Clock {
  ms = 1000;
  stepMs = 0.01;
  looks = 0;
  readonly now = () => {
    this.looks++;
    this.ms += this.stepMs;
    return this.ms;
  };
}

const open: MessageChannel[] = [];
afterEach(() => {
  for (const { port1 } of open.splice(0)) port1.close();
});

function scene() {
  const channel = new MessageChannel();
  open.push(channel);
  const clock = new Clock();
  return {
    clock,
    poll: new PostPoll(channel.port2, clock.now),
    send: (records: number) => channel.port1.postMessage(...postOf(records)),
  };
}

function postOf(records: number) {
  const batch = new BatchBuilder();
  for (let flushId = 1; flushId <= records; flushId++) putFlush(batch, flushId);
  const post = batch.takeOwn();
  if (post === undefined) throw new Error('an empty post');
  return posted(post);
}

const valueWith = (records: number) => postOf(records)[0];

/** What a shard does that has received a post of so many records, and has answered it. */
function answered(poll: PostPoll, records: number) {
  poll.note(received(valueWith(records)));
  return poll.next();
}

describe('the wait for the next post', () => {
  it('takes what comes close behind a few records', () => {
    const { poll, send } = scene();
    answered(poll, 1);
    send(1);
    expect(answered(poll, 2)).toBeInstanceOf(ArrayBuffer);
  });

  it('ends after a moment', () => {
    const { poll, clock } = scene();
    answered(poll, 1);
    const before = clock.ms;
    expect(answered(poll, 1)).toBeUndefined();
    expect(clock.looks).toBeGreaterThan(6);
    expect(clock.ms - before).toBeLessThan(0.15);
  });

  it.each([
    ['the first post of all', (poll: PostPoll) => answered(poll, 1)],
    [
      'a post of many records',
      (poll: PostPoll) => {
        answered(poll, 1);
        return answered(poll, 3);
      },
    ],
    [
      'a turn that received nothing',
      (poll: PostPoll) => {
        answered(poll, 1);
        return poll.next();
      },
    ],
  ])('does not begin behind %s', (_, doing) => {
    const { poll, send } = scene();
    send(1);
    expect(doing(poll)).toBeUndefined();
  });

  it('does not begin behind a post that came long after the one before', () => {
    const { poll, send, clock } = scene();
    answered(poll, 1);
    clock.ms += 0.3;
    send(1);
    expect(answered(poll, 1)).toBeUndefined();
  });

  it('counts the records of all posts of a turn', () => {
    const { poll, send } = scene();
    answered(poll, 1);
    send(1);
    poll.note(received(valueWith(2)));
    expect(answered(poll, 1)).toBeUndefined();
  });

  it('lets the event loop have its turn after 64 in a row', () => {
    const { poll, send } = scene();
    for (let i = 0; i < 100; i++) send(1);
    answered(poll, 1);
    let taken = 0;
    while (answered(poll, 1) !== undefined) taken++;
    expect(taken).toBe(64);
    expect(answered(poll, 1)).toBeDefined();
  });
});
