/** Mail whose group is not written yet: what of it can be delivered from memory when it is. */
import { describe, expect, it } from 'vitest';
import type { StoredMessage } from '../../../src/store/format.ts';
import { FreshMail } from '../../../workers/mailbox/disk/fresh-mail.ts';
import { Mailbox } from '../../../workers/mailbox/mailbox.ts';

const message = (number: number, bytes = 10): StoredMessage => ({
  number,
  heldAt: 1,
  body: 0,
  frame: new Uint8Array(bytes),
  expiry: Number.POSITIVE_INFINITY,
});

/** A mailbox with stored messages of these numbers, all of which are fresh if they may be. */
function stored(...numbers: number[]): { mailbox: Mailbox; fresh: FreshMail } {
  const mailbox = new Mailbox();
  const fresh = new FreshMail();
  for (const number of numbers) {
    mailbox.stored.append(number, 10, 1);
    fresh.add(mailbox, message(number));
  }
  return { mailbox, fresh };
}

const numbersOf = (messages: readonly StoredMessage[]) => messages.map(({ number }) => number);

describe('fresh mail', () => {
  it('is taken as far as it is committed, and no further', () => {
    const { mailbox, fresh } = stored(5, 6, 7);
    expect(fresh.take(mailbox, 1_000)).toEqual([]);
    mailbox.stored.commit(7, mailbox.stored.order);
    expect(numbersOf(fresh.take(mailbox, 1_000))).toEqual([5, 6]);
  });

  it('is taken at least one at a time, and about as many bytes as are asked for', () => {
    const { mailbox, fresh } = stored(5, 6, 7);
    mailbox.stored.commit(8, mailbox.stored.order);
    expect(numbersOf(fresh.take(mailbox, 1))).toEqual([5]);
    mailbox.stored.take(1, 10, 5);
    expect(numbersOf(fresh.take(mailbox, 11))).toEqual([6, 7]);
  });

  it('is not kept behind mail that must be read from the store', () => {
    const { mailbox, fresh } = stored(5);
    mailbox.stored.append(6, 10, 1); // this one came while nobody was here
    mailbox.stored.append(7, 10, 1);
    fresh.add(mailbox, message(7));
    mailbox.stored.commit(8, mailbox.stored.order);
    expect(numbersOf(fresh.take(mailbox, 1_000))).toEqual([5]);
    mailbox.stored.take(1, 10, 5);
    expect(fresh.take(mailbox, 1_000)).toEqual([]);
  });

  it('is not taken when other mail was put before it', () => {
    const { mailbox, fresh } = stored(5);
    mailbox.stored.uncommit();
    mailbox.stored.insert(4, 10, 1);
    mailbox.stored.commit(6, mailbox.stored.order);
    expect(fresh.take(mailbox, 1_000)).toEqual([]);
  });

  it('is forgotten with its group, and stays of a later one', () => {
    const { mailbox, fresh } = stored(5, 6);
    mailbox.stored.commit(7, mailbox.stored.order);
    fresh.forget(mailbox, 6);
    expect(fresh.take(mailbox, 1_000)).toEqual([]);
    mailbox.stored.take(1, 10, 5);
    expect(numbersOf(fresh.take(mailbox, 1_000))).toEqual([6]);
  });
});
