import { existsSync, mkdirSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, it } from 'vitest';
import { BackupFolder, type Disk } from '../../../../src/store/backup/backup-folder.ts';
import { openExisting } from '../../../../src/store/database.ts';
import type { Entry } from '../../../../src/store/format.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

const ENTRY: Entry = [Buffer.from('nbob'), Buffer.from('value')];

/** Notes what is asked of it. */
function paperDisk(): Disk & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    sync: async (path) => void asked.push(`sync ${basename(path)}`),
    rename: async (from, to) => {
      asked.push(`rename ${basename(from)} ${basename(to)}`);
      await rename(from, to);
    },
  };
}

it('a backup has its name when every file and folder of it is on disk, and not before', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'backup');
  const disk = paperDisk();
  await using backup = await BackupFolder.begin(path, disk);
  mkdirSync(join(backup.part, 'auth'));
  writeFileSync(join(backup.part, 'auth', 'accounts.json'), '{}');
  await backup.add([ENTRY]);
  expect([existsSync(path), disk.asked]).toEqual([false, []]);
  await backup.finish();
  const files = [...readdirSync(path), 'accounts.json'].map((file) => `sync ${file}`);
  const renamed = disk.asked.indexOf('rename backup.part backup');
  expect(disk.asked.slice(0, renamed).sort()).toEqual([...files, 'sync backup.part'].sort());
  expect(disk.asked.slice(renamed - 1)).toEqual([
    'sync backup.part',
    'rename backup.part backup',
    `sync ${basename(folder.path)}`,
  ]);
  await using db = await openExisting(path);
  expect(Buffer.from((await db.get(ENTRY[0])) ?? [])).toEqual(ENTRY[1]);
});

it('one that is not finished leaves nothing', async () => {
  using folder = temporaryFolder();
  {
    await using backup = await BackupFolder.begin(join(folder.path, 'backup'));
    await backup.add([ENTRY]);
    expect(readdirSync(folder.path)).toEqual(['backup.part']);
    expect(statSync(backup.part).mode & 0o777).toBe(0o700);
  }
  expect(readdirSync(folder.path)).toEqual([]);
});

it('an empty folder will do, and nothing else that is there', async () => {
  using folder = temporaryFolder();
  const at = (name: string) => join(folder.path, name);
  mkdirSync(at('empty'));
  await using backup = await BackupFolder.begin(at('empty'));
  await expect(BackupFolder.begin(at('empty'))).rejects.toThrow(/empty\.part: a backup is being written there, or/);
  await backup.finish();
  await expect(BackupFolder.begin(at('empty'))).rejects.toThrow('it is not empty');
  writeFileSync(at('file'), '');
  await expect(BackupFolder.begin(at('file'))).rejects.toThrow('it is a file');
  await expect(BackupFolder.begin(at('none/backup'))).rejects.toThrow(/none: it does not exist$/);
  await expect(BackupFolder.begin('/')).rejects.toThrow('it is no folder for a backup');
  await expect(BackupFolder.begin('/proc')).rejects.toMatchObject({ exitCode: 2 });
});

it('a symbolic link is refused before anything is copied, wherever it leads', async () => {
  using folder = temporaryFolder();
  mkdirSync(join(folder.path, 'empty'));
  for (const target of ['empty', 'nowhere']) {
    const link = join(folder.path, `to-${target}`);
    symlinkSync(join(folder.path, target), link);
    await expect(BackupFolder.begin(link)).rejects.toThrow(`no backup in ${link}: it is a symbolic link`);
  }
  expect(readdirSync(folder.path).sort()).toEqual(['empty', 'to-empty', 'to-nowhere']);
});
