/** Deliberate bugs in what becomes of mail whose time is over, of durable mail, and of mail for names never here. */
import type { Bug } from './bug.ts';

export const EXPIRY_BUGS: readonly Bug[] = [
  {
    what: 'mail that comes to the front is delivered though it has expired',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'const dropped = this.#mailboxes.dropOld(name);',
    wrong: 'const dropped = false;',
  },
  {
    what: 'a message that has expired on its way to its shard is delivered',
    file: 'workers/shard/delivery/delivery.ts',
    code: '&&\n      !this.#isLate(message)',
    wrong: '',
  },
  {
    what: 'a message in memory is dropped before it expires',
    file: 'src/shared/wire/frames/frame-queue.ts',
    code: 'if (expiryOf(body, bytes, start, length) <= now)',
    wrong: 'if (expiryOf(body, bytes, start, length) >= now)',
  },
  {
    what: 'a message in the store is dropped before it expires',
    file: 'workers/mailbox/expiry.ts',
    code: 'if (expiry > now())',
    wrong: 'if (expiry < now())',
  },
  {
    what: 'mail is dropped before it is too old',
    file: 'workers/mailbox/expiry.ts',
    code: 'now - this.#holdSeconds);',
    wrong: 'now - this.#holdSeconds / 2);',
  },
  {
    what: 'a message that has expired stays in the store',
    file: 'workers/mailbox/expiry.ts',
    code: 'if (mailbox.stored.firstExpiry <= now && mailbox.stored.readable) this.#search(name, mailbox, now);',
    wrong: '',
  },
  {
    what: 'a search through the store forgets what was stored meanwhile',
    file: 'workers/mailbox/stored-part.ts',
    code: 'this.#firstExpiry = Math.min(soonest, this.#newExpiry);',
    wrong: 'this.#firstExpiry = soonest;',
  },
  {
    what: 'a message that was dropped in the store is read before it is deleted',
    file: 'workers/mailbox/disk/removal.ts',
    code: 'return this.#dropped.get(mailbox)?.has(number) === true;',
    wrong: 'return false;',
  },
  {
    what: 'a message that was dropped in the store is forgotten while an older read goes on',
    file: 'workers/mailbox/disk/removal.ts',
    code: 'if (mailbox.stored.reading) mark.deleted = true;\n      else this.#forgetDropped(mailbox, number);',
    wrong: 'this.#forgetDropped(mailbox, number);',
  },
  {
    what: 'the sender is not told that a message has expired',
    file: 'workers/shard/notices/drops.ts',
    code: 'if ((body & WANTS_RECEIPT) === 0) return;',
    wrong: 'return;',
  },
  {
    what: 'a message that has expired is not counted',
    file: 'workers/shard/notices/drops.ts',
    code: 'this.#counts.dropped[reason]++;',
    wrong: "if (reason !== 'EXPIRED') this.#counts.dropped[reason]++;",
  },
  {
    what: 'a durable message is delivered before it is written',
    file: 'workers/mailbox/disk/fresh-mail.ts',
    code: 'if (number >= mailbox.stored.committedTo) break;',
    wrong: '',
  },
  {
    what: 'a durable message is delivered with the frames of the turn',
    file: 'workers/shard/delivery/delivery.ts',
    code: '(message.body & DURABLE) === 0 &&',
    wrong: '',
  },
  {
    what: 'a name that was never here is forgotten with its mail',
    file: 'workers/shard/holders/away-names.ts',
    code: 'leaveIfEmpty(name: Name): void {\n    if (name.mailbox === undefined) this.forget(name);',
    wrong: 'leaveIfEmpty(name: Name): void {\n    this.forget(name);',
  },
  {
    what: 'mail for a name that was never here is called held, and is not stored',
    file: 'workers/shard/delivery/delivery.ts',
    code: 'else {\n      this.#hold(name, message, id);\n      this.#unseen',
    wrong: 'else {\n      this.#notices.held(message, name);\n      this.#unseen',
  },
];
