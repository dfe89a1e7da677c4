import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/store/database.ts';
import { indexKey, messageKey, readIndexValue, type StoreOp } from '../../../src/store/format.ts';
import { type Purged, purge } from '../../../src/tools/cli/mail/purge.ts';
import { purgedAsLine } from '../../../src/tools/cli/mail/report.ts';
import { verify } from '../../../src/tools/cli/mail/verify.ts';
import { FIRST, MailFolder, mail, orphaned, put } from '../../helpers/unit/mail.ts';

const NOW = 1_800_000_000;
const purged = (store: MailFolder, name: string) => store.use((db) => purge(db, Buffer.from(name), NOW));

describe('a purge', () => {
  it('deletes the mail of one name, and says how much', async () => {
    using store = await MailFolder.of(
      mail({ name: 'bob', lines: ['one', 'two'] }),
      mail({ name: 'bobo', lines: ['other'] }),
    );
    const done = await purged(store, 'bob');
    expect(done).toEqual({ messages: 2, bytes: 8, known: true });
    expect(purgedAsLine('bob', done)).toBe('purged: 2 messages (8 bytes) of bob');
    expect(await verify(store.path)).toMatchObject({ sound: true, names: 2, messages: 1 });
    const next = FIRST + 2;
    expect(await store.record('bob')).toMatchObject({ present: false, next, from: next, to: next, count: 0, bytes: 0 });
  });

  it('keeps what is known of the name: who is attached, when it left, its next number', async () => {
    const record = { present: true, next: FIRST + 9, awaySince: 77, count: 1, bytes: 1 };
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one', 'two'], record }));
    await purged(store, 'bob');
    expect(await store.record('bob')).toMatchObject({ present: true, next: FIRST + 9, awaySince: 77, count: 0 });
  });

  it('does nothing for a name without mail, and makes none known', async () => {
    using store = await MailFolder.of(mail({ name: 'bob' }));
    const before = await store.entries();
    const none: Purged = { messages: 0, bytes: 0, known: true };
    expect(await purged(store, 'bob')).toEqual(none);
    expect(await purged(store, 'nobody')).toEqual({ ...none, known: false });
    expect(purgedAsLine('bob', none)).toBe('bob has no mail');
    expect(await store.entries()).toEqual(before);
  });

  it('deletes mail without an index record, and what cannot be read', async () => {
    const bad = put(messageKey(Buffer.from('bob'), FIRST + 1), 'short');
    using store = await MailFolder.of(orphaned(mail({ name: 'bob', lines: ['one', 'two', 'three'] })), [bad]);
    expect(await purged(store, 'bob')).toEqual({ messages: 3, bytes: 10, known: false });
    expect([...(await store.entries()).keys()]).toEqual(['76']);
  });

  it('of a large mailbox leaves a sound record after each of its steps', async () => {
    const lines = Array.from({ length: 2_500 }, (_, i) => `from a: ${i}`);
    using store = await MailFolder.of(mail({ name: 'bob', lines, record: { present: true, count: 9 } }));
    await using db = await openDatabase(store.path);
    let left = lines.length;
    let steps = 0;
    db.on('write', (ops: StoreOp[]) => {
      left -= ops.filter(({ type }) => type === 'del').length;
      const record = ops.flatMap((op) => (op.type === 'put' ? [readIndexValue(op.value)] : []));
      const from = left === 0 ? FIRST + lines.length : FIRST + lines.length - left;
      expect(record).toMatchObject([{ count: left, from, to: FIRST + lines.length, next: FIRST + lines.length }]);
      expect(ops.length).toBeLessThan(1_100);
      steps++;
    });
    expect(await purge(db, Buffer.from('bob'), NOW)).toMatchObject({ messages: 2_500 });
    expect([left, steps]).toEqual([0, 3]);
    expect(await db.get(indexKey(Buffer.from('bob')))).toBeDefined();
  });
});
