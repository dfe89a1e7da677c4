/** How the database is opened, and why it is not. */
import { mkdirSync, readdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT_FAILED, StartError } from '../../../src/shared/common/errors.ts';
import {
  DamagedStore,
  formatOf,
  openAgain,
  openDatabase,
  openExisting,
  whyUnreadable,
} from '../../../src/store/database.ts';
import { FORMAT, FORMAT_KEY } from '../../../src/store/format.ts';
import { temporaryFolder } from '../../helpers/folder.ts';
import { MailFolder, mail, put } from '../../helpers/unit/mail.ts';

/** Why a database is not opened. */
async function refusal(opening: Promise<AsyncDisposable>): Promise<StartError> {
  try {
    await using _ = await opening;
  } catch (error) {
    if (error instanceof StartError) return error;
    throw error;
  }
  throw new Error('it was opened');
}

describe('a store that must be there', () => {
  it('is opened, with its format', async () => {
    using store = await MailFolder.of(mail({ name: 'bob' }));
    await using db = await openExisting(store.path);
    expect(await formatOf(db, store.path)).toBe(FORMAT);
  });

  it('is refused where there is no folder, and none is made', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'none');
    const { message, exitCode } = await refusal(openExisting(path));
    expect([message, exitCode]).toEqual([`DATA_DIR ${path} does not exist`, EXIT_FAILED]);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('is refused where the folder has none, and is left alone', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'app.log'), 'no log of a store');
    mkdirSync(join(folder.path, 'lost'));
    const { message } = await refusal(openExisting(folder.path));
    expect(message).toBe(`there is no store in DATA_DIR ${folder.path}`);
    expect(readdirSync(folder.path)).toEqual(['app.log', 'lost']);
  });

  it('is refused where there is a file', async () => {
    using folder = temporaryFolder();
    const path = join(folder.path, 'file');
    writeFileSync(path, '');
    expect((await refusal(openExisting(path))).message).toBe(`DATA_DIR ${path} cannot be read (ENOTDIR)`);
  });

  it('of a newer version is refused', async () => {
    using store = await MailFolder.of([put(FORMAT_KEY, '12')]);
    const { message } = await refusal(openExisting(store.path));
    expect(message).toContain('newer version (format 12, this one knows 3): use that');
  });
});

describe('what a thread reports that could not begin', () => {
  /** As it comes from another thread. */
  const whyNot = (error: unknown) => whyUnreadable('/mail', structuredClone(error));

  it('is damage where LevelDB says so', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one'] }));
    writeFileSync(join(store.path, 'CURRENT'), 'garbage\n');
    const error = await openAgain(store.path).catch((failure: unknown) => failure);
    expect(whyNot(error)).toBeInstanceOf(DamagedStore);
    const read = new Error('Corruption: block checksum mismatch: /mail/000005.ldb');
    expect(whyNot(read)?.message).toContain('DATA_DIR /mail is damaged (Corruption: block checksum mismatch');
  });

  it('is no damage where the system says no for now, or where it is nothing of the store', () => {
    const passing = 'IO error: /mail/000005.ldb: Too many open files';
    expect(whyNot(new Error(passing))?.message).toBe(`DATA_DIR /mail cannot be opened: ${passing}`);
    for (const other of ['Cannot find module thread.ts', 'worker exited with code: 3', 'memory is out']) {
      expect(whyNot(new Error(other))).toBeUndefined();
    }
  });
});

describe('a store that may be new', () => {
  it('is made, and its folder', async () => {
    using folder = temporaryFolder();
    await using db = await openDatabase(join(folder.path, 'a', 'b'));
    expect(await formatOf(db, '')).toBe(FORMAT);
  });

  it('of an older format is opened, and not by an older broker after that', async () => {
    using store = await MailFolder.of([put(FORMAT_KEY, '1')]);
    await using db = await openDatabase(store.path);
    expect(await formatOf(db, store.path)).toBe(FORMAT);
  });

  it.each(['one', '0', '1.5', ''])('is refused with the format %j', async (format) => {
    using store = await MailFolder.of([put(FORMAT_KEY, format)]);
    const error = await refusal(openDatabase(store.path));
    expect(error).toBeInstanceOf(DamagedStore);
    expect(error.message).toContain(`its format is ${JSON.stringify(format)}`);
  });

  it('is never made over mail whose CURRENT is missing', async () => {
    using store = await MailFolder.of(mail({ name: 'bob', lines: ['one'] }));
    unlinkSync(join(store.path, 'CURRENT'));
    const before = readdirSync(store.path).filter((file) => /\d/.test(file));
    const errors = [await refusal(openDatabase(store.path)), await refusal(openExisting(store.path))];
    for (const error of errors) {
      expect(error).toBeInstanceOf(DamagedStore);
      expect(error.message).toContain('is damaged (its file CURRENT is missing): look with "npm run mail -- verify"');
    }
    expect(readdirSync(store.path).filter((file) => /\d/.test(file))).toEqual(before);
  });

  it('is made where making one was begun and nothing was stored', async () => {
    using folder = temporaryFolder();
    writeFileSync(join(folder.path, 'MANIFEST-000001'), 'begun');
    writeFileSync(join(folder.path, '000003.log'), '');
    await using db = await openDatabase(folder.path);
    expect(await formatOf(db, '')).toBe(FORMAT);
  });
});
