import { describe, expect, it } from 'vitest';
import { messageKey } from '../../../src/store/format.ts';
import { nothingFor, shownAsLine } from '../../../src/tools/cli/mail/report.ts';
import { isKnown, mailOf, type ShownMessage } from '../../../src/tools/cli/mail/show.ts';
import { FIRST, MailFolder, mail, put } from '../../helpers/unit/mail.ts';

async function shown(store: MailFolder, name: string): Promise<ShownMessage[]> {
  return store.use(async (db) => {
    const found: ShownMessage[] = [];
    for await (const message of mailOf(db, Buffer.from(name))) found.push(message);
    return found;
  });
}

describe('the mail of a name', () => {
  it('is shown in order, each with its number, its time and its line, and nobody else’s', async () => {
    using store = await MailFolder.of(
      mail({ name: 'bob', lines: ['from a: 1', 'from b: \x1b2'] }),
      mail({ name: 'bobo', lines: ['from a: other'] }),
      mail({ name: 'bo', lines: ['from a: other'] }),
    );
    const found = await shown(store, 'bob');
    expect(found).toEqual([
      { number: FIRST, heldAt: '2026-08-01T12:00:00Z', line: 'from a: 1' },
      { number: FIRST + 1, heldAt: '2026-08-01T12:00:01Z', line: 'from b: \x1b2' },
    ]);
    expect(found.map(shownAsLine)).toEqual([
      '1048576  2026-08-01T12:00:00Z  from a: 1',
      '1048577  2026-08-01T12:00:01Z  from b: \\x1b2',
    ]);
  });

  it('is shown as far as it can be read', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one', 'two'] }), [
      put(messageKey(Buffer.from('bob'), FIRST), 'short'),
    ]);
    const found = await shown(store, 'bob');
    expect(found.map(({ line }) => line)).toEqual([null, 'two']);
    expect(found.map(shownAsLine)[0]).toBe('1048576  damaged: look with "npm run mail -- verify"');
  });

  it('is nothing for a name that has none, and for one that is not known', async () => {
    using store = await MailFolder.of(mail({ name: 'bob' }));
    expect([await shown(store, 'bob'), await shown(store, 'nobody')]).toEqual([[], []]);
    const known = await store.use((db) => Promise.all(['bob', 'nobody'].map((name) => isKnown(db, Buffer.from(name)))));
    expect(known).toEqual([true, false]);
    expect(nothingFor('bob', true)).toBe('bob has no mail');
    expect(nothingFor('no\nbody', false)).toBe('nobody of the name no\\nbody is known');
  });
});
