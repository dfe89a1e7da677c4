import { describe, expect, it } from 'vitest';
import { indexKey } from '../../../src/store/format.ts';
import { listMail } from '../../../src/tools/cli/mail/list.ts';
import { listAsTable } from '../../../src/tools/cli/mail/report.ts';
import { FIRST, HELD_AT, MailFolder, mail, put } from '../../helpers/unit/mail.ts';

describe('the list of held mail', () => {
  it('has each name that has mail, and what they come to', async () => {
    using store = await MailFolder.of(
      mail({ name: 'bob', lines: ['from a: 1', 'from a: 22'] }),
      mail({ name: 'alice' }),
      mail({ name: 'Carol', lines: ['from bob: hello'] }),
    );
    expect(await store.use(listMail)).toEqual({
      names: [
        { name: 'Carol', messages: 1, bytes: 16, oldest: '2026-08-01T12:00:00Z' },
        { name: 'bob', messages: 2, bytes: 21, oldest: '2026-08-01T12:00:00Z' },
      ],
      totals: { names: 2, messages: 3, bytes: 37 },
    });
  });

  it('is empty where nothing is held', async () => {
    using store = await MailFolder.of();
    const found = await store.use(listMail);
    expect(found).toEqual({ names: [], totals: { names: 0, messages: 0, bytes: 0 } });
    expect(listAsTable(found)).toContain('0 names');
  });

  it('counts the mail of who was attached, whose record is old', async () => {
    const lines = ['one', 'two', 'three'];
    using store = await MailFolder.of(
      mail({ name: 'bob', lines, record: { present: true, from: FIRST - 2, count: 5, bytes: 999, oldest: 7 } }),
      mail({ name: 'carol', record: { present: true, from: FIRST - 5, count: 4, bytes: 99 } }),
    );
    expect((await store.use(listMail)).names).toEqual([
      { name: 'bob', messages: 3, bytes: 14, oldest: '2026-08-01T12:00:00Z' },
    ]);
  });

  it('counts the mail where the record cannot be read', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one'] }), [put(indexKey(Buffer.from('bob')), 'x')]);
    expect((await store.use(listMail)).totals).toEqual({ names: 1, messages: 1, bytes: 4 });
  });

  it('has the time of the first message there is, though the record has an older one', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one'], record: { oldest: HELD_AT - 500 } }));
    expect((await store.use(listMail)).names[0]?.oldest).toBe('2026-08-01T12:00:00Z');
  });

  it('shows people no more names than a table can have, and counts them all', () => {
    const names = Array.from({ length: 200_000 }, (_, i) => ({ name: `n${i}`, messages: 1, bytes: 2, oldest: '' }));
    const table = listAsTable({ names, totals: { names: 200_000, messages: 200_000, bytes: 400_000 } });
    expect(table).toContain(' n999 ');
    expect(table).not.toContain(' n1000 ');
    expect(table).toMatch(/199,000 more: --json lists all .*\n.*\n.* 200,000 names .* 400,000 /);
  });

  it('shows people no control characters', async () => {
    using store = await MailFolder.of(mail({ name: 'bell\x07\nx', lines: ['one'] }));
    const found = await store.use(listMail);
    expect(found.names[0]?.name).toBe('bell\x07\nx');
    expect(listAsTable(found)).toContain('bell\\x07\\nx');
  });
});
