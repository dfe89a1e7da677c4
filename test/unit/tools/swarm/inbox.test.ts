/** The inbox of a program of the swarm: it works each message off once, and sees what the broker does wrong. */
import { beforeEach, describe, expect, it } from 'vitest';
import { Inbox } from '../../../../workers/swarm/voices/inbox.ts';

const WINDOW = 3;
let violations: string[];
let inbox: Inbox;

beforeEach(() => {
  violations = [];
  inbox = new Inbox(WINDOW, (what) => violations.push(what));
  inbox.open(7);
});

describe('an inbox', () => {
  it('works off what comes in order, and acknowledges it once', () => {
    expect([inbox.take(8, false), inbox.take(9, false)]).toEqual([true, true]);
    expect([inbox.acknowledge(), inbox.acknowledge()]).toEqual([9, undefined]);
    expect(violations).toEqual([]);
  });

  it('drops what comes again after a crash, and acknowledges that too', () => {
    inbox.take(8, false);
    inbox.take(9, false);
    inbox.open(7);
    expect([8, 9, 10].map((seq) => inbox.take(seq, seq < 11))).toEqual([false, false, true]);
    expect(inbox.acknowledge()).toBe(10);
    expect(violations).toEqual([]);
  });

  it.each([
    ['a seq that does not rise', 8, ['got seq 8 behind 8', 'got seq 8 again, and not as redelivered']],
    ['a seq that is passed over', 10, ['got seq 10 behind 8']],
  ])('sees %s', (_, seq, seen) => {
    inbox.take(8, false);
    inbox.take(seq, false);
    expect(violations).toEqual(seen);
  });

  it('sees what comes again and is not marked', () => {
    inbox.take(8, false);
    inbox.open(7);
    expect(inbox.take(8, false)).toBe(false);
    expect(violations).toEqual(['got seq 8 again, and not as redelivered']);
  });

  it('sees a welcome behind what it has not worked off', () => {
    inbox.open(8);
    expect(violations).toEqual(['has worked off 7, and is welcome behind 8']);
  });

  it('sees one message more than its window', () => {
    for (let seq = 8; seq < 8 + WINDOW; seq++) inbox.take(seq, false);
    expect(violations).toEqual([]);
    inbox.take(8 + WINDOW, false);
    expect(violations).toEqual(['got 4 messages without an acknowledgement, in a window of 3']);
  });
});
