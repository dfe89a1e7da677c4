/** The one check of the limits, what it counts, and how much mail may wait in memory. */
import { describe, expect, it } from 'vitest';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import { Limits } from '../../../workers/mailbox/limits/limits.ts';
import { MemoryShare } from '../../../workers/mailbox/limits/memory-share.ts';
import { mailboxOf } from '../../../workers/mailbox/mailbox.ts';
import type { Name } from '../../../workers/names/name.ts';
import { PaperBudget } from '../../helpers/unit/shard/bench.ts';
import { attach, messageFrom, nameOf, settingsOf } from '../../helpers/unit/shard/mailbox.ts';

/** Of a message from `eve` with one letter: `from eve: x` and a LF. */
const LENGTH = 12;

function limits(settings: Partial<ShardSettings>, heldMaxBytes = Number.POSITIVE_INFINITY) {
  const budget = new PaperBudget(heldMaxBytes);
  const store = { unstorable: false };
  const all = new Limits(settingsOf(settings), budget, () => store.unstorable);
  /** Asks for a message, and lets it wait if it is not refused. */
  const offer = (name: Name, sender = 'eve') => {
    const message = messageFrom(sender, 'x');
    const refused = all.refuses(name, message);
    if (refused === undefined) mailboxOf(name).front.push(message.memory.bytes, 0, message.frameLength, 0, 0, 0);
    return refused;
  };
  const counted = () => [all.heldMessages, all.heldBytes, budget.used];
  return { all, budget, store, offer, counted };
}

describe('a new message', () => {
  it('is counted as soon as it is not refused', () => {
    const { offer, counted } = limits({});
    expect([offer(nameOf('bob')), counted()]).toEqual([undefined, [1, LENGTH, LENGTH]]);
  });

  it.each([
    ['MAILBOX_MESSAGES', { mailboxMaxMessages: 1, mailboxMaxBytes: LENGTH }, false],
    ['MAILBOX_BYTES', { mailboxMaxBytes: 2 * LENGTH - 1 }, true],
    ['STORE_UNWRITABLE', {}, true],
    ['HELD_BYTES', {}, false],
  ] as const)('is refused by the first limit that it passes: %s', (reason, settings, unstorable) => {
    const { offer, counted, store } = limits(settings, 2 * LENGTH - 1);
    const bob = nameOf('bob');
    offer(bob);
    store.unstorable = unstorable;
    expect(offer(bob)).toBe(reason);
    expect(counted()).toEqual([1, LENGTH, LENGTH]);
  });

  it('that is refused makes no mailbox', () => {
    const { offer } = limits({ mailboxMaxMessages: 0 });
    const bob = nameOf('bob');
    offer(bob);
    expect(bob.mailbox).toBeUndefined();
  });
});

describe('the last part of a limit', () => {
  it('of a mailbox has one message of each sender, and is everybody’s again when less is used', () => {
    const { offer } = limits({ mailboxMaxMessages: 10, reservePercent: 30 });
    const bob = nameOf('bob');
    for (let i = 0; i < 7; i++) offer(bob);
    const full = 'MAILBOX_MESSAGES';
    expect([offer(bob, 'eve'), offer(bob, 'eve'), offer(bob, 'amy')]).toEqual([undefined, full, undefined]);
    mailboxOf(bob).front.takeRun(4 * LENGTH);
    expect([offer(bob, 'eve'), bob.mailbox?.reserve]).toEqual([undefined, undefined]);
  });

  it('of all mailboxes gives back what it took of a sender that it then refuses', () => {
    const { offer, budget, counted } = limits({});
    budget.free = 0;
    expect([offer(nameOf('bob')), offer(nameOf('amy'))]).toEqual([undefined, 'HELD_BYTES']);
    expect(counted()).toEqual([1, LENGTH, LENGTH]);
  });
});

describe('mail that is not new', () => {
  it('is counted past the limit, and then nothing new is let in until it is released', () => {
    const { all, offer, counted } = limits({}, LENGTH);
    all.force(3, 40);
    expect([offer(nameOf('bob')), counted()]).toEqual(['HELD_BYTES', [3, 40, 40]]);
    all.release(3, 40);
    expect([offer(nameOf('bob')), counted()]).toEqual([undefined, [1, LENGTH, LENGTH]]);
  });
});

describe('in memory', () => {
  const settings = { frontBytes: 10, firstWindowBytes: 20, memoryBytes: 100, fullMemoryBytes: 200 };
  const slow = attach(nameOf('bob'), 20);
  const reading = attach(nameOf('amy'), 40);

  it.each([
    ['a peer that has read little may have frontBytes', slow, 0, 10, true],
    ['and no more', slow, 0, 11, false],
    ['one whose window has opened may have four windows', reading, 0, 4 * 40, true],
    ['and no more, either', reading, 0, 4 * 40 + 1, false],
    ['while all have memoryBytes together, nobody has more than frontBytes', reading, 101, 11, false],
    ['and that much everybody has', reading, 101, 10, true],
    ['past fullMemoryBytes nobody has anything', reading, 201, 1, false],
  ] as const)('%s', (_, holder, taken, partBytes, may) => {
    const memory = new MemoryShare(settingsOf(settings));
    memory.add(taken);
    expect(memory.mayWait(holder, partBytes, 0)).toBe(may);
  });

  it('what is not counted yet counts all the same', () => {
    const memory = new MemoryShare(settingsOf(settings));
    memory.add(199);
    expect([memory.mayWait(slow, 1, 1), memory.mayWait(slow, 2, 2), memory.full]).toEqual([true, false, false]);
    memory.add(1);
    expect(memory.full).toBe(true);
  });
});
