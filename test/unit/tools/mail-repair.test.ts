import { readdirSync, readFileSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDatabase, openExisting } from '../../../src/store/database.ts';
import {
  FORMAT_KEY,
  type IndexRecord,
  indexKey,
  messageKey,
  messageValue,
  STATE_KEY,
} from '../../../src/store/format.ts';
import { CRASH_GAP, firstNumberAt } from '../../../src/store/numbers.ts';
import { listMail } from '../../../src/tools/cli/mail/list.ts';
import { type Repaired, repair } from '../../../src/tools/cli/mail/repair.ts';
import { repairedAsLines } from '../../../src/tools/cli/mail/report.ts';
import { mailOf } from '../../../src/tools/cli/mail/show.ts';
import { verify } from '../../../src/tools/cli/mail/verify.ts';
import { paced } from '../../helpers/pace/pace.ts';
import { FIRST, HELD_AT, MailFolder, mail, orphaned, put } from '../../helpers/unit/mail.ts';

const NOW = new Date('2026-09-01T10:20:30.456Z');
const bob = Buffer.from('bob');
const lines = ['one', 'two', 'three'];
const NOTHING = { database: false, format: false, records: 0, orphans: 0, movedAway: 0, movedTo: null };

/** Mends the store, which is sound then, and has nothing more to be mended. */
async function mended(store: MailFolder): Promise<Repaired> {
  const done = await repair(store.path, NOW);
  const { names, messages, bytes } = done;
  expect(await verify(store.path)).toEqual({ sound: true, names, messages, bytes, findings: [], found: 0 });
  expect(await repair(store.path, new Date())).toEqual({ ...NOTHING, names, messages, bytes });
  return done;
}

async function linesOf(store: MailFolder, name: string): Promise<(string | null)[]> {
  return store.use(async (db) => {
    const found: (string | null)[] = [];
    for await (const { line } of mailOf(db, Buffer.from(name))) found.push(line);
    return found;
  });
}

/** What was moved away: of each entry why, its key and its value. */
function aside({ movedTo }: Repaired): { what: string; key: string; value: string }[] {
  if (movedTo === null) return [];
  const text = readFileSync(movedTo, 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { what: string; key: string; value: string });
}

describe('a repair', () => {
  it('of a sound store changes nothing', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), mail({ name: 'carol', record: { present: true } }));
    const before = await store.entries();
    const done = await mended(store);
    expect(done).toEqual({ ...NOTHING, names: 2, messages: 3, bytes: 14 });
    expect(await store.entries()).toEqual(before);
    expect(repairedAsLines(done)).toBe('there was nothing to mend\nthe store now has 2 names, 3 messages, 14 bytes');
  });

  it('leaves the state of the store where it can be read, and moves it away where it cannot', async () => {
    using sound = await MailFolder.of([put(STATE_KEY, '1790000000 1790000000 running')]);
    const before = await sound.entries();
    expect(await mended(sound)).toMatchObject({ movedAway: 0 });
    expect(await sound.entries()).toEqual(before);
    using wrong = await MailFolder.of([put(STATE_KEY, 'soon')]);
    const done = await mended(wrong);
    expect(aside(done)).toMatchObject([{ what: 'state', key: '73', value: '736f6f6e' }]);
    expect(statSync(done.movedTo ?? '').mode & 0o777).toBe(0o600);
  });

  it('makes a record for mail that has none', async () => {
    using store = await MailFolder.of(orphaned(mail({ name: 'bob', lines, first: FIRST + 7 })));
    expect(await mended(store)).toMatchObject({ records: 1, orphans: 1, movedAway: 0, names: 1, messages: 3 });
    expect(await store.record('bob')).toEqual({
      present: false,
      next: FIRST + 10 + CRASH_GAP,
      from: FIRST + 7,
      to: FIRST + 10,
      count: 3,
      bytes: 14,
      awaySince: Math.floor(NOW.getTime() / 1000),
      oldest: HELD_AT,
      firstExpiry: Number.POSITIVE_INFINITY,
    });
  });

  it('makes a record for mail with numbers below all that a name begins with', async () => {
    using store = await MailFolder.of(orphaned(mail({ name: 'bob', lines, first: 5 })));
    await mended(store);
    expect(await store.record('bob')).toMatchObject({ from: 5, to: 8, next: 8 + CRASH_GAP });
  });

  it.each<[string, Partial<IndexRecord>]>([
    ['the count', { count: 2 }],
    ['the first number', { from: FIRST + 1, count: 2 }],
    ['the next number', { to: FIRST + 1, next: FIRST + 1, count: 1 }],
    ['the last number, while somebody is attached', { present: true, to: FIRST + 1, next: FIRST + 9, count: 1 }],
  ])('corrects a record that is wrong about %s', async (_, record) => {
    using store = await MailFolder.of(mail({ name: 'bob', lines, record: { ...record, awaySince: 77 } }));
    expect(await mended(store)).toMatchObject({ records: 1, orphans: 0 });
    const next = Math.max(FIRST + 3, record.next ?? 0);
    const present = record.present ?? false;
    const sound = { present, from: FIRST, to: FIRST + 3, next, count: 3, bytes: 14, awaySince: 77 };
    expect(await store.record('bob')).toMatchObject(sound);
  });

  it('corrects a record of mail that is not there', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', record: { from: FIRST - 1, count: 1, bytes: 5 } }));
    expect(await mended(store)).toMatchObject({ records: 1, orphans: 0, names: 1, messages: 0 });
    expect(await store.record('bob')).toMatchObject({ from: FIRST, to: FIRST, next: FIRST, count: 0, bytes: 0 });
  });

  it('replaces a record that cannot be read, and keeps it', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), mail({ name: 'carol' }), [
      put(indexKey(bob), 'x'),
      put(indexKey(Buffer.from('carol')), ''),
    ]);
    const done = await mended(store);
    expect(done).toMatchObject({ orphans: 0, movedAway: 2, names: 2, messages: 3 });
    expect(await store.record('bob')).toMatchObject({ count: 3, from: FIRST, next: FIRST + 3 + CRASH_GAP });
    expect(await store.record('carol')).toMatchObject({
      count: 0,
      next: firstNumberAt(Math.floor(NOW.getTime() / 1000)),
    });
    expect(aside(done)).toMatchObject([
      { what: 'index record', key: '6e626f62', value: '78' },
      { what: 'index record', key: '6e6361726f6c', value: '' },
    ]);
  });

  it('moves away what cannot be read, with its bytes, and keeps the rest of the mail', async () => {
    const key = messageKey(bob, FIRST + 1);
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [
      put(key, messageValue(Buffer.from([0xee, 10]), HELD_AT, 0)),
      put('zz', 'x'),
      put('m', ''),
    ]);
    const done = await mended(store);
    expect(done).toMatchObject({ records: 1, movedAway: 3, messages: 2, bytes: 10 });
    expect(done.movedTo).toBe(join(store.path, 'repair-2026-09-01T10-20-30-456Z.jsonl'));
    expect(aside(done)).toMatchObject([
      { what: 'message', key: '6d', value: '' },
      { what: 'message', key: key.reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), '') },
      { what: 'unknown key', key: '7a7a', value: '78' },
    ]);
    expect(await linesOf(store, 'bob')).toEqual(['one', 'three']);
    expect(repairedAsLines(done).split('\n')).toEqual([
      '1 index record written anew, of names that had none: 0',
      `3 unreadable entries moved to ${done.movedTo}`,
      'the store now has 1 name, 2 messages, 10 bytes',
    ]);
  });

  it('writes the format record where it is missing or none', async () => {
    using missing = await MailFolder.of(mail({ name: 'bob', lines }), [{ type: 'del', key: FORMAT_KEY }]);
    expect(await mended(missing)).toMatchObject({ format: true, movedAway: 0 });
    using wrong = await MailFolder.of(mail({ name: 'bob', lines }), [put(FORMAT_KEY, 'one')]);
    const done = await mended(wrong);
    expect(done).toMatchObject({ format: true, movedAway: 1, messages: 3 });
    expect(aside(done)).toMatchObject([{ what: 'format', value: '6f6e65' }]);
    expect((await wrong.entries()).get('76')).toBe('33');
  });

  it('refuses a store of a newer version, and leaves it as it is', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines }), [put('future', 'x'), put(FORMAT_KEY, '4')]);
    await expect(repair(store.path, NOW)).rejects.toThrow('written by a newer version (format 4, this one knows 3)');
    await expect(verify(store.path)).rejects.toThrow('newer version');
    expect(readdirSync(store.path).filter((file) => file.startsWith('repair'))).toEqual([]);
  });
});

describe('a repair of the database itself', () => {
  const BREAKS: readonly [string, (folder: string) => void][] = [
    ['garbage in CURRENT', (folder) => writeFileSync(join(folder, 'CURRENT'), 'garbage')],
    ['an empty CURRENT', (folder) => writeFileSync(join(folder, 'CURRENT'), '')],
    ['no CURRENT', (folder) => unlinkSync(join(folder, 'CURRENT'))],
    ['a short MANIFEST', (folder) => writeFileSync(fileIn(folder, /^MANIFEST/), 'short')],
    ['no MANIFEST', (folder) => unlinkSync(fileIn(folder, /^MANIFEST/))],
  ];

  it.each(BREAKS)('with %s brings all mail back', async (_, spoil) => {
    using store = await MailFolder.of(mail({ name: 'alice' }), mail({ name: 'bob', lines }));
    const before = await store.entries();
    spoil(store.path);
    const verdict = await verify(store.path);
    expect(verdict).toMatchObject({ sound: false, findings: [{ what: 'database' }] });
    await expect(openDatabase(store.path)).rejects.toThrow(/is damaged .*mail -- verify.*mail -- repair/);
    const done = await mended(store);
    expect(done).toMatchObject({ database: true, records: 0, movedAway: 0, names: 2, messages: 3 });
    expect(repairedAsLines(done)).toContain('mended by LevelDB');
    expect(await store.entries()).toEqual(before);
  });

  /** A store with 400 messages in one table, which is spoiled, and bob's mail outside of it. */
  async function withTable(spoil: (bytes: Buffer) => Buffer): Promise<MailFolder> {
    const many = Array.from({ length: 400 }, (_, i) => mail({ name: `name ${i}`, lines: [noise(i)] }));
    const store = await MailFolder.of(...many);
    await store.use((db) => db.compactRange(Buffer.from([0]), Buffer.from([0xff])));
    await store.put(mail({ name: 'bob', lines }));
    const table = fileIn(store.path, /\.ldb$/);
    writeFileSync(table, spoil(readFileSync(table)));
    return store;
  }

  it('with garbage in a table keeps what is left of it', async () => {
    using store = await withTable((bytes) => bytes.fill(0xee, 10_000, 30_000));
    expect(await verify(store.path)).toMatchObject({ sound: false });
    const done = await mended(store);
    expect(done.messages).toBeGreaterThan(200);
    expect((await store.use(listMail)).totals).toMatchObject({ messages: done.messages });
    expect(await linesOf(store, 'bob')).toEqual(lines);
  });

  it('with a table that is cut short leaves a sound store, and the table', async () => {
    using store = await withTable((bytes) => bytes.subarray(0, 40_000));
    expect(await verify(store.path)).toMatchObject({ sound: false, findings: [{ what: 'database' }] });
    await expect(openExisting(store.path)).rejects.toThrow(/is damaged .*mail -- verify.*mail -- repair/);
    expect(await mended(store)).toMatchObject({ database: true, messages: 3 });
    expect(readdirSync(join(store.path, 'lost'))).toContainEqual(expect.stringMatching(/\.ldb$/));
  });
});

describe('a repair of random damage', () => {
  const damage = fc.array(
    fc.record({
      entry: fc.nat(1_000),
      how: fc.constantFrom('value', 'key', 'cut', 'gone', 'copy'),
      at: fc.nat(100),
      byte: fc.nat(255),
    }),
    { minLength: 1, maxLength: 12 },
  );

  it('leaves a sound store with all mail that could be read', async () => {
    await fc.assert(
      fc.asyncProperty(damage, async (all) => {
        using store = await MailFolder.of(
          ...['a', 'b', 'bb', 'c,d', ''].map((name, i) => mail({ name, lines: lines.slice(i % 4) })),
        );
        const before = [...(await store.entries())];
        const ops = all.flatMap(({ entry, how, at, byte }) => {
          const [hexKey = '', hexValue = ''] = before[entry % before.length] ?? [];
          const key = Buffer.from(hexKey, 'hex');
          const value = Buffer.from(hexValue, 'hex');
          const other = Buffer.from(key);
          other[at % other.length] = byte;
          const changed = Buffer.from(value);
          if (value.length > 0) changed[at % value.length] = byte;
          if (key.equals(FORMAT_KEY)) return [put(key, `x${at}`)];
          if (how === 'value') return [put(key, changed)];
          if (how === 'cut') return [put(key, value.subarray(0, at % (value.length + 1)))];
          if (how === 'copy') return [put(other, value)];
          return how === 'gone' ? [{ type: 'del' as const, key }] : [{ type: 'del' as const, key }, put(other, value)];
        });
        await store.put(ops);
        const readable = (await verify(store.path)).messages;
        const entries = await store.entries().catch(() => undefined);
        const done = await mended(store);
        expect(done.messages).toBe(readable);
        const kept = await store.entries();
        const moved = new Set(aside(done).map(({ key }) => key));
        for (const key of entries?.keys() ?? []) expect(kept.has(key) || moved.has(key)).toBe(true);
      }),
      { numRuns: 25, interruptAfterTimeLimit: paced(5_000) },
    );
  });
});

function fileIn(folder: string, pattern: RegExp): string {
  const file = readdirSync(folder).find((name) => pattern.test(name));
  if (file === undefined) throw new Error(`no ${pattern} in ${readdirSync(folder)}`);
  return join(folder, file);
}

/** Text that cannot be compressed much, the same for the same number. */
function noise(seed: number): string {
  let text = '';
  for (let i = 1; text.length < 300; i++) text += Math.imul(seed * 7919 + i, 0x5bd1e995 ^ i).toString(36);
  return text;
}
