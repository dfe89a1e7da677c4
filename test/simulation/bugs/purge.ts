/** Deliberate bugs in what becomes of mail that an operator purges. */
import type { Bug } from './bug.ts';

export const PURGE_BUGS: readonly Bug[] = [
  {
    what: 'a purge is answered before it is on disk',
    file: 'workers/mailbox/asked/asked-mail.ts',
    code: 'ready(name);\n    await written;',
    wrong: 'ready(name);',
  },
  {
    what: 'a purge leaves stored messages in the store',
    file: 'workers/mailbox/asked/purge.ts',
    code: 'disk.removal.dropFirst(this.#name, mailbox, dropped);',
    wrong: 'for (const { number, frame } of dropped) mailbox.stored.take(1, frame.length, number);',
  },
  {
    what: 'a message that is purged in memory stays in the store',
    file: 'workers/mailbox/limits/mail-drops.ts',
    code: 'this.#edges.disk?.removal.deleteOne(name, frame.headers[FRAME_NUMBER] as number);',
    wrong: '',
  },
  {
    what: 'the sender of a purged message is told that it has expired',
    file: 'workers/shard/notices/drops.ts',
    code: "reason === 'PURGED' ? 'purged' : 'expired'",
    wrong: "'expired'",
  },
  {
    what: 'a purge drops mail that came after it',
    file: 'workers/mailbox/asked/purge.ts',
    code: 'this.#widened(number) < this.before && taken++',
    wrong: 'taken++',
  },
];
