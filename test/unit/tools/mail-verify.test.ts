import { describe, expect, it } from 'vitest';
import {
  FORMAT_KEY,
  indexKey,
  messageKey,
  messageValue,
  STATE_KEY,
  sendKey,
  sendValue,
} from '../../../src/store/format.ts';
import { verdictAsLines } from '../../../src/tools/cli/mail/report.ts';
import { type Finding, verify } from '../../../src/tools/cli/mail/verify.ts';
import { FIRST, HELD_AT, MailFolder, mail, orphaned, put } from '../../helpers/unit/mail.ts';

const bob = Buffer.from('bob');
const lines = ['one', 'two', 'three'];

async function findings(store: MailFolder): Promise<Finding[]> {
  const verdict = await verify(store.path);
  expect(verdict.sound).toBe(verdict.found === 0);
  return [...verdict.findings];
}

describe('a sound store', () => {
  it('is found sound, with what is in it', async () => {
    using store = await MailFolder.of(
      mail({ name: 'alice', lines: ['from bob: ü'] }),
      mail({ name: 'bob', lines, first: 5 }),
      mail({ name: 'carol' }),
    );
    const verdict = await verify(store.path);
    expect(verdict).toEqual({ sound: true, names: 3, messages: 4, bytes: 27, findings: [], found: 0 });
    expect(verdictAsLines(verdict)).toBe('sound: 3 names, 4 messages, 27 bytes');
  });

  it('may have records with old counts where somebody was attached, and ranges with gaps', async () => {
    using store = await MailFolder.of(
      mail({ name: 'alice', record: { present: true, from: FIRST - 4, count: 3, bytes: 70 } }),
      mail({ name: 'bob', lines, record: { present: true, from: FIRST - 4, count: 7, bytes: 70 } }),
      mail({ name: 'carol', lines, record: { from: FIRST - 4 } }),
    );
    expect(await findings(store)).toEqual([]);
  });

  it('may be empty, and is not changed by a look', async () => {
    using empty = await MailFolder.of([{ type: 'del', key: FORMAT_KEY }]);
    expect(await verify(empty.path)).toMatchObject({ sound: true, names: 0 });
    using store = await MailFolder.of(orphaned(mail({ name: 'bob', lines })));
    const before = await store.entries();
    await findings(store);
    expect(await store.entries()).toEqual(before);
  });
});

describe('the state that a broker leaves', () => {
  it('belongs to a sound store', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [put(STATE_KEY, '1790000000 1790000000 ended')]);
    expect(await findings(store)).toEqual([]);
  });
});

describe('the recent sends of programs', () => {
  const key = sendKey(bob, Buffer.from('ann: "id":"m"'));

  it('belong to a sound store', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [put(key, sendValue(HELD_AT))]);
    expect(await findings(store)).toEqual([]);
  });

  it('are found if they cannot be read', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [put(key, 'x'), put('d', sendValue(HELD_AT))]);
    expect(await findings(store)).toEqual([
      { what: 'recent send', says: 'it cannot be read', key: '64' },
      { what: 'recent send', name: 'bob', says: 'it cannot be read', key: Buffer.from(key).toString('hex') },
    ]);
  });
});

describe('what is wrong is found:', () => {
  it('a state that cannot be read', async () => {
    using store = await MailFolder.of(mail({ name: 'bob' }), [put(STATE_KEY, 'soon')]);
    expect(await findings(store)).toEqual([{ what: 'state', says: 'it is "soon"', key: '73' }]);
  });

  it('a format record that is missing, or is none', async () => {
    using missing = await MailFolder.of(mail({ name: 'bob' }), [{ type: 'del', key: FORMAT_KEY }]);
    expect(await findings(missing)).toEqual([{ what: 'format', says: 'there is no format record' }]);
    using wrong = await MailFolder.of([put(FORMAT_KEY, 'one')]);
    expect(await findings(wrong)).toEqual([{ what: 'format', says: 'it is "one"', key: '76' }]);
  });

  it('keys of no known kind', async () => {
    using store = await MailFolder.of([
      put('a', ''),
      put('v1', ''),
      put('zz', 'x'),
      put(Buffer.from([0x6c, 0xff]), ''),
    ]);
    expect((await findings(store)).map(({ what, key }) => [what, key])).toEqual([
      ['unknown key', '61'],
      ['unknown key', '6cff'],
      ['unknown key', '7631'],
      ['unknown key', '7a7a'],
    ]);
  });

  it('an index record that cannot be read', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [put(indexKey(bob), 'x')]);
    expect(await findings(store)).toEqual([
      { what: 'index record', name: 'bob', says: 'it cannot be read', key: '6e626f62' },
    ]);
  });

  it.each([
    ['a value that is too short', 'short'],
    ['a body outside of the frame', messageValue(Buffer.from('x\n'), HELD_AT, 2)],
    ['two lines', messageValue(Buffer.from('x\n* sham\n'), HELD_AT, 0)],
    ['no line', messageValue(Buffer.from('x'), HELD_AT, 0)],
    ['no UTF-8', messageValue(Buffer.from([0xee, 0xee, 10]), HELD_AT, 0)],
  ])('a message with %s', async (_, value) => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [put(messageKey(bob, FIRST + 1), value)]);
    const [finding, ...others] = await findings(store);
    expect(finding).toMatchObject({ what: 'message', name: 'bob', says: `number ${FIRST + 1} is no line` });
    expect(others).toEqual([]);
  });

  it('a message whose key cannot be read', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [
      put(Buffer.concat([messageKey(bob, FIRST), Buffer.from('x')]), messageValue(Buffer.from('x\n'), HELD_AT, 0)),
      put('m', 'x'),
    ]);
    expect((await findings(store)).map(({ what, says }) => [what, says])).toEqual([
      ['message', 'its key cannot be read'],
      ['message', 'its key cannot be read'],
    ]);
  });

  it('messages of a name without an index record', async () => {
    using store = await MailFolder.of(mail({ name: 'alice' }), orphaned(mail({ name: 'bob', lines })));
    expect(await findings(store)).toEqual([
      {
        what: 'index record',
        name: 'bob',
        says: 'it is missing; stored: 3 messages (14 bytes) with numbers from 1048576 to before 1048579',
      },
    ]);
  });

  it.each([
    ['the count', { count: 2 }],
    ['the bytes', { bytes: 15 }],
    ['the first number', { from: FIRST + 1, count: 2 }],
    ['the last number', { to: FIRST + 2, count: 2 }],
    ['the last number, while somebody is attached', { present: true, to: FIRST + 2, count: 2 }],
    ['the next number', { to: FIRST + 2, next: FIRST + 2, count: 2 }],
  ])('a record that is wrong about %s', async (_, record) => {
    using store = await MailFolder.of(mail({ name: 'bob', lines, record }));
    const [finding, ...others] = await findings(store);
    expect(finding).toMatchObject({ what: 'index record', name: 'bob' });
    expect(finding?.says).toContain('stored: 3 messages (14 bytes)');
    expect(others).toEqual([]);
  });

  it('a record of mail that is not there', async () => {
    using store = await MailFolder.of(
      mail({ name: 'bob', record: { from: FIRST - 1, count: 1, bytes: 5 } }),
      mail({ name: 'bobo', lines }),
    );
    expect(await findings(store)).toEqual([
      {
        what: 'index record',
        name: 'bob',
        says: 'it says 1 message (5 bytes) with numbers from 1048575 to before 1048576; stored: none',
      },
    ]);
  });
});

describe('what is said', () => {
  it('names each finding, and what to do', async () => {
    using store = await MailFolder.of(orphaned(mail({ name: 'b\x07b', lines: ['one'] })), [put('zz', 'x')]);
    expect(verdictAsLines(await verify(store.path)).split('\n')).toEqual([
      'index record of b\\x07b: it is missing; stored: 1 message (4 bytes) with numbers from 1048576 to before 1048577',
      'unknown key: no entry of a store begins so (key 7a7a)',
      'not sound: 2 findings; read: 0 names, 1 message, 4 bytes; mend with "npm run mail -- repair"',
    ]);
  });

  it('is bounded, and counted', async () => {
    using store = await MailFolder.of(Array.from({ length: 1_234 }, (_, i) => put(`x${i}`, '')));
    const verdict = await verify(store.path);
    expect([verdict.findings.length, verdict.found]).toEqual([1_000, 1_234]);
    expect(verdictAsLines(verdict)).toContain('\nand 234 more\n');
  });
});
