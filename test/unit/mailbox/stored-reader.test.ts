/** What was counted of a tail and is not there takes its bytes along, in whatever way the rest is had. */
import { expect, it } from 'vitest';
import { messageKey, messageValue } from '../../../src/store/format.ts';
import { Mailbox } from '../../../workers/mailbox/mailbox.ts';
import { TailReader } from '../../../workers/mailbox/stored-reader.ts';
import { Name } from '../../../workers/names/name.ts';
import { PaperStore } from '../../helpers/unit/store.ts';

it('mail that is taken before it is written leaves no bytes of what was damaged before it', () => {
  const bob = new Name(Buffer.from('bob'), 0);
  const mailbox = new Mailbox();
  const frame = Buffer.from('from alice: two\n');
  mailbox.addToTail(1, 10, 0);
  mailbox.addToTail(2, frame.length, 0);
  mailbox.skipInTail(1); // it was no message: nobody knows how long it had been
  bob.mailbox = mailbox;
  const released: [number, number][] = [];
  const reader = new TailReader(new PaperStore(), 1024, {
    read: () => undefined,
    ready: () => undefined,
    answered: () => undefined,
    unreadable: () => undefined,
    damaged: (_, count, bytes) => released.push([count, bytes]),
  });
  reader.fillWith(bob, mailbox, [[messageKey(bob.bytes, 2), messageValue(frame, 0, 12)]]);
  expect([mailbox.head.count, mailbox.tailCount, mailbox.tailBytes]).toEqual([1, 0, 0]);
  expect(released).toEqual([[0, 10]]);
});
