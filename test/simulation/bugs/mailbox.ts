/** Deliberate bugs of mailboxes and the store. */
import type { Bug } from './bug.ts';

export const MAILBOX_BUGS: readonly Bug[] = [
  {
    what: 'returned mail is put at the back of the mailbox',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'mailboxOf(name).front.unshift(runs, this.#edges.now());',
    wrong: 'for (const run of runs) mailboxOf(name).front.pushRun(run);',
  },
  {
    what: 'a sync is skipped',
    file: 'workers/mailbox/disk/group-commit.ts',
    code: 'this.#store.write(group.ops, group.sync, (error) => {',
    wrong: 'this.#store.write(group.ops, false, (error) => {',
  },
  {
    what: 'mail is called held before it is written',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'if (this.#disk === undefined) then();\n    else this.#disk.groups.whenWritten(then);',
    wrong: 'then();',
  },
  {
    what: 'mail is read from the store before it is committed',
    file: 'workers/mailbox/stored-part.ts',
    code: 'this.#committedTo = Math.max(this.#committedTo, to);',
    wrong: 'this.#committedTo = Number.MAX_SAFE_INTEGER;',
  },
  {
    what: 'mail stays in the store after it is written',
    file: 'workers/mailbox/disk/removal.ts',
    code: 'this.deleteBefore(name, mailbox, Math.min(last + 1, mailbox.firstWaiting(name.nextNumber)));',
    wrong: '',
  },
  {
    what: 'a group whose write failed is dropped',
    file: 'workers/mailbox/disk/group-commit.ts',
    code: 'if (this.#underWay !== undefined) this.#write(this.#underWay);',
    wrong: 'this.#underWay = undefined;',
  },
  {
    what: 'new mail overtakes stored mail',
    file: 'workers/mailbox/mailboxes.ts',
    code: 'if (name.holder === undefined || mailbox.stored.count > 0 || mailbox.back.count > 0) return false;',
    wrong: 'if (name.holder === undefined) return false;',
  },
  {
    what: 'bytes taken from the budget are not freed',
    file: 'workers/mailbox/limits/limits.ts',
    code: 'this.#budget.give(bytes);',
    wrong: '',
  },
  {
    what: 'a second read of a mailbox begins while the first is under way',
    file: 'workers/mailbox/disk/spill.ts',
    code: 'this.#leaving.set(name, true);',
    wrong: 'name.mailbox.stored.noteRead(false);\n    this.#leaving.set(name, true);',
  },
  {
    what: 'mail behind a gap in the store is never delivered',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'const missing = mailbox.stored.trim();',
    wrong: 'const missing = 0;',
  },
  {
    what: 'a read that failed is not tried again',
    file: 'workers/mailbox/disk/stored-reader.ts',
    code: 'if (error !== undefined) this.#edges.unreadable(error);',
    wrong: 'if (error !== undefined) stored.noteRead(true);',
  },
  {
    what: 'mail ages by a wall clock that jumped between two lives',
    file: 'src/store/clock.ts',
    code: 'if (Math.abs(wall - aged) <= holdSeconds)',
    wrong: 'if (wall - aged > -holdSeconds)',
  },
];
