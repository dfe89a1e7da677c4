/** The three places of a mailbox, and the numbers of what is stored of it. */
import { describe, expect, it } from 'vitest';
import { Mailbox } from '../../../workers/mailbox/mailbox.ts';
import { Mailboxes } from '../../../workers/mailbox/mailboxes.ts';
import { StoredPart } from '../../../workers/mailbox/stored-part.ts';
import { framesOf, linesOf } from '../../helpers/unit/frames.ts';
import { PaperBudget } from '../../helpers/unit/shard/bench.ts';
import { nameOf, settingsOf } from '../../helpers/unit/shard/mailbox.ts';

/** Mail with these numbers, a byte each, held in the second of its number. */
function storedOf(...numbers: number[]): StoredPart {
  const part = new StoredPart();
  for (const number of numbers) part.append(number, 1, number);
  return part;
}

const waiting = ({ from, to, count, bytes, oldest }: StoredPart) => ({ from, to, count, bytes, oldest });
const records = ({ recordsFrom, recordsTo }: StoredPart) => [recordsFrom, recordsTo];

describe('what is stored', () => {
  it('begins with its first message, and keeps the records of what was read until they are deleted', () => {
    const part = storedOf(5, 6, 7);
    part.take(2, 2, 6);
    expect(waiting(part)).toEqual({ from: 7, to: 8, count: 1, bytes: 1, oldest: 5 });
    expect([records(part), part.inexact]).toEqual([[5, 8], true]);
    part.noteDeleted(7);
    expect([records(part), part.inexact, part.hasRecords]).toEqual([[7, 8], false, true]);
    part.take(1, 1, 7);
    part.noteDeleted(8);
    expect([part.count, part.hasRecords, part.inexact]).toEqual([0, false, false]);
  });

  it('begins anew where new mail comes after all was read', () => {
    const part = storedOf(5);
    part.take(1, 1, 5);
    part.append(9, 3, 90);
    expect(waiting(part)).toEqual({ from: 9, to: 10, count: 1, bytes: 3, oldest: 90 });
    expect(records(part)).toEqual([5, 10]);
  });

  it('is set aside for mail that goes before it', () => {
    const part = storedOf(5, 6);
    part.commit(7, part.order);
    const { order } = part;
    const aside = part.setAside();
    part.append(3, 1, 30);
    part.append(4, 1, 40);
    part.rejoin(aside);
    expect(waiting(part)).toEqual({ from: 3, to: 7, count: 4, bytes: 4, oldest: 30 });
    expect([records(part), part.readable, part.commit(7, order)]).toEqual([[3, 7], false, false]);
    expect([part.commit(7, part.order), part.readable]).toEqual([true, true]);
  });

  it('takes a message in the place that its number says', () => {
    const part = storedOf(5, 6);
    part.uncommit();
    part.insert(3, 1, 2);
    part.insert(9, 1, 90);
    expect(waiting(part)).toEqual({ from: 3, to: 10, count: 4, bytes: 4, oldest: 2 });
    expect(records(part)).toEqual([3, 10]);
    const none = new StoredPart();
    none.insert(4, 1, 40);
    expect(waiting(none)).toEqual({ from: 4, to: 5, count: 1, bytes: 1, oldest: 40 });
  });

  it('does not count what is not there', () => {
    const part = storedOf(5, 6, 7, 8);
    part.skip(5);
    expect(part).toMatchObject({ from: 6, count: 3, inexact: true });
    part.skipTo(8);
    expect([part.trim(), part.count, part.trim()]).toEqual([2, 1, 0]);
    part.take(1, 1, 8);
    expect([part.bytes, part.forgetBytes(), part.bytes]).toEqual([3, 3, 0]);
  });

  it('is what its index record says, from where it is said to wait', () => {
    const record = {
      present: false,
      next: 9,
      from: 3,
      to: 9,
      count: 4,
      bytes: 40,
      awaySince: 0,
      oldest: 7,
      firstExpiry: 9,
    };
    const part = StoredPart.recovered(record, 5, []);
    expect(waiting(part)).toEqual({ from: 5, to: 9, count: 4, bytes: 40, oldest: 7 });
    expect([records(part), part.readable, part.inexact]).toEqual([[3, 9], true, true]);
  });
});

describe('a mailbox', () => {
  const push = (mailbox: Mailbox, end: 'front' | 'back', line: string, number: number) =>
    mailbox[end].push(Buffer.from(`${line}\n`), 0, line.length + 1, 0, 0, number);

  it('counts all three places, and its first number is that of the first that is not at the back', () => {
    const mailbox = new Mailbox(storedOf(5));
    push(mailbox, 'back', 'six', 6);
    expect([mailbox.count, mailbox.bytes, mailbox.firstWaiting(7)]).toEqual([2, 5, 5]);
    push(mailbox, 'front', 'four', 4);
    expect([mailbox.count, mailbox.bytes, mailbox.firstWaiting(7)]).toEqual([3, 10, 4]);
    mailbox.front.takeRun(1);
    mailbox.stored.take(1, 1, 5);
    expect(mailbox.firstWaiting(7)).toBe(7);
  });

  it.each([[[]], [['front']]])('moves its back behind its front %j', (front) => {
    const mailbox = new Mailbox();
    for (const line of front) push(mailbox, 'front', line, 1);
    push(mailbox, 'back', 'back', 2);
    mailbox.moveBackToFront();
    expect([mailbox.back.count, linesOf(mailbox.front.takeRun(100))]).toEqual([0, [...front, 'back']]);
  });
});

describe('mailboxes without a store', () => {
  it('keep in memory what a writer of a crashed life gives back, too', () => {
    const mailboxes = new Mailboxes(settingsOf({}), {
      budget: new PaperBudget(Number.POSITIVE_INFINITY),
      store: undefined,
      now: () => 1000,
      ready: () => undefined,
      answered: () => undefined,
      failed: () => undefined,
      missing: () => undefined,
      unreadable: () => undefined,
      dropped: () => undefined,
      emptied: () => undefined,
    });
    const bob = nameOf('bob');
    const run = framesOf(['one', 'two']);
    mailboxes.putBackBefore(bob, [run], run.count, run.bytes.length);
    expect([mailboxes.heldMessages, mailboxes.memoryBytes, bob.mailbox?.count]).toEqual([2, run.bytes.length, 2]);
  });
});
