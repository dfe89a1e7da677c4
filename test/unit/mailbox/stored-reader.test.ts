/** What was counted in the store and is not there takes its bytes along, in whatever way the rest is had. */
import { expect, it } from 'vitest';
import { messageKey, messageValue } from '../../../src/store/format.ts';
import { StoredReader } from '../../../workers/mailbox/disk/stored-reader.ts';
import { Mailbox } from '../../../workers/mailbox/mailbox.ts';
import { Name } from '../../../workers/names/name.ts';
import { PaperStore } from '../../helpers/unit/store.ts';

it('mail that is taken before it is written leaves no bytes of what was damaged before it', () => {
  const bob = new Name(Buffer.from('bob'), 0, 1);
  const mailbox = new Mailbox();
  const frame = Buffer.from('from alice: two\n');
  mailbox.stored.append(1, 10, 0);
  mailbox.stored.append(2, frame.length, 0);
  mailbox.stored.skip(1); // it was no message: nobody knows how long it had been
  bob.mailbox = mailbox;
  const released: [number, number][] = [];
  const reader = new StoredReader(new PaperStore(), 1024, {
    wasDropped: () => false,
    readOver: () => undefined,
    read: () => undefined,
    ready: () => undefined,
    answered: () => undefined,
    unreadable: () => undefined,
    damaged: (_, count, bytes) => released.push([count, bytes]),
  });
  reader.moveToFront(bob, mailbox, [[messageKey(bob.bytes, 2), messageValue(frame, 0, 12)]]);
  expect([mailbox.front.count, mailbox.stored.count, mailbox.stored.bytes]).toEqual([1, 0, 0]);
  expect(released).toEqual([[0, 10]]);
});
