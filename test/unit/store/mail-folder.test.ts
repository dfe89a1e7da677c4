/**
 * The folder of a store: how it is made, who may read it, whether it can be written, and whether it is still the same.
 */
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_BAD_SETTING, StartError } from '../../../src/shared/common/errors.ts';
import { openDatabase } from '../../../src/store/database.ts';
import { makeFolder, narrowToOwner } from '../../../src/store/folder.ts';
import { StoreGone, StoreIdentity } from '../../../src/store/guard/identity.ts';
import { hasRoom, needToOpen, probe } from '../../../src/store/guard/probe.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { MailFolder, mail } from '../../helpers/unit/mail.ts';

const modeOf = (path: string) => statSync(path).mode & 0o777;

async function refusal(work: Promise<unknown>): Promise<StartError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof StartError) return error;
  throw new Error(`it was not refused: ${error}`);
}

describe('a folder', () => {
  it.each(['a', 'a/b/c', 'with some spaces', 'pósta-📮', 'a\nb', 'a%20b#c?d', 'l'.repeat(200)])(
    'is made, for its owner alone: %j',
    async (name) => {
      using outer = temporaryFolder();
      const path = join(outer.path, name);
      await makeFolder(path);
      await makeFolder(path);
      expect(modeOf(path)).toBe(0o700);
    },
  );

  it('may be a link to one', async () => {
    using outer = temporaryFolder();
    mkdirSync(join(outer.path, 'real'));
    symlinkSync('real', join(outer.path, 'link'));
    await makeFolder(join(outer.path, 'link'));
    await makeFolder(join(outer.path, 'link', 'below'));
    expect(readdirSync(join(outer.path, 'real'))).toEqual(['below']);
  });

  it.each<[string, string, (outer: string) => void, string]>([
    ['a file', 'file', (outer) => writeFileSync(join(outer, 'file'), ''), 'it is a file'],
    ['below a file', 'file/x/y', (outer) => writeFileSync(join(outer, 'file'), ''), 'file is a file'],
    ['a link to nothing', 'link', (outer) => symlinkSync('nowhere', join(outer, 'link')), 'link is a link to nothing'],
    ['below one', 'link/x', (outer) => symlinkSync('nowhere', join(outer, 'link')), 'link is a link to nothing'],
    ['a link to itself', 'link', (outer) => symlinkSync('link', join(outer, 'link')), 'link is a link to itself'],
    ['too long a name', 'l'.repeat(300), () => undefined, 'its path is too long'],
    ['too long a path', 'l/'.repeat(3000), () => undefined, 'its path is too long'],
  ])('cannot be %s: that is a bad setting, said in one line', async (_, name, prepare, why) => {
    using outer = temporaryFolder();
    prepare(outer.path);
    const { message, exitCode } = await refusal(openDatabase(join(outer.path, name)));
    expect(message).toMatch(/^DATA_DIR [^\n]* cannot be a folder for mail: [^\n]*$/);
    expect(message).toContain(why);
    expect(exitCode).toBe(EXIT_BAD_SETTING);
  });

  it.each(['/proc/restante', '/proc/restante/x/y', '/proc'])('cannot be %s, which is said at once', async (path) => {
    const { exitCode, message } = await refusal(openDatabase(path));
    expect([exitCode, message.includes('damaged')]).toEqual([EXIT_BAD_SETTING, false]);
  });
});

describe('the rights of others', () => {
  it('are taken from the folder, the files of the store, and what a repair has set aside', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one'] }));
    const lost = join(store.path, 'lost');
    const aside = join(store.path, 'repair-2026-09-01T10-20-30-456Z.jsonl');
    mkdirSync(lost);
    writeFileSync(join(lost, '000003.log'), '');
    writeFileSync(aside, '');
    writeFileSync(join(store.path, 'notes.txt'), '');
    const all = [aside, lost, join(lost, '000003.log'), join(store.path, 'CURRENT')];
    for (const path of all) chmodSync(path, 0o755);
    chmodSync(join(store.path, 'notes.txt'), 0o644);
    chmodSync(store.path, 0o755);
    expect((await narrowToOwner(store.path)).narrowed).toBeGreaterThanOrEqual(5);
    expect(modeOf(store.path)).toBe(0o700);
    expect(all.map(modeOf)).toEqual([0o600, 0o700, 0o600, 0o600]);
    // A folder may have files of others than us in it.
    expect(modeOf(join(store.path, 'notes.txt'))).toBe(0o644);
    expect(await narrowToOwner(store.path)).toEqual({ narrowed: 0, open: 0 });
  });

  it('are left in a folder that is for all users of the machine', async () => {
    using folder = temporaryFolder();
    chmodSync(folder.path, 0o1777);
    expect(await narrowToOwner(folder.path)).toEqual({ narrowed: 0, open: 0 });
    expect(modeOf(folder.path)).toBe(0o777);
  });
});

describe('a probe', () => {
  it('leaves nothing behind', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['x'.repeat(10_000)] }));
    const before = readdirSync(store.path);
    const need = await needToOpen(store.path);
    expect(need.bytes).toBeGreaterThan(1024 * 1024 + 10_000);
    expect(await hasRoom(store.path, need)).toBe(true);
    await probe(store.path, need);
    expect(readdirSync(store.path)).toEqual(before);
  });

  it('knows how much cannot be', async () => {
    using folder = temporaryFolder();
    expect(await hasRoom(folder.path, { bytes: 2 ** 60, files: 1 })).toBe(false);
    expect(await hasRoom(folder.path, { bytes: 1, files: 2 ** 50 })).toBe(false);
    await expect(probe(join(folder.path, 'none'), { bytes: 1, files: 1 })).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('the identity of a store that is open', () => {
  it('stays while it is used, also when its log is a new one', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one'] }));
    await store.use(async (db) => {
      const identity = await StoreIdentity.of(store.path);
      await identity.check();
      for (let i = 0; i < 12; i++) await db.put(Buffer.from(`x${i}`), Buffer.alloc(1024 * 1024, i), { sync: true });
      await identity.check();
    });
  });

  const gone: [string, (path: string) => void][] = [
    ['deleted', (path) => rmSync(path, { recursive: true })],
    ['deleted and made anew', (path) => remade(path)],
    ['moved away', (path) => renameSync(path, `${path}.away`)],
    ['replaced by a copy', (path) => replaced(path)],
    ['emptied', (path) => emptied(path, /./)],
    ['without its log', (path) => emptied(path, /\.log$/)],
  ];
  it.each(gone)('is gone when it is %s', async (_, change) => {
    using outer = temporaryFolder();
    const path = join(outer.path, 'data');
    await using db = await openDatabase(path);
    const identity = await StoreIdentity.of(path);
    change(path);
    await db.put(Buffer.from('x'), Buffer.from('y'), { sync: true }); // which says that all is well
    await expect(identity.check()).rejects.toThrow(StoreGone);
  });

  it('is back when it is moved back', async () => {
    using outer = temporaryFolder();
    const path = join(outer.path, 'data');
    await using _ = await openDatabase(path);
    const identity = await StoreIdentity.of(path);
    renameSync(path, `${path}.away`);
    await expect(identity.check()).rejects.toThrow(StoreGone);
    renameSync(`${path}.away`, path);
    await identity.check();
  });
});

function remade(path: string): void {
  rmSync(path, { recursive: true });
  mkdirSync(path);
}

function replaced(path: string): void {
  renameSync(path, `${path}.away`);
  cpSync(`${path}.away`, path, { recursive: true });
}

function emptied(path: string, which: RegExp): void {
  for (const file of readdirSync(path)) if (which.test(file)) rmSync(join(path, file));
}
