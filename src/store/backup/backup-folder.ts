/**
 * The folder that a backup is written into. It has its name only once all of it is on disk: until then it is called
 * `.part`, so that nobody takes a part for a whole one.
 */
import { lstat, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { EXIT_BAD_SETTING, EXIT_FAILED, messageOf, StartError } from '../../shared/common/errors.ts';
import { escaped } from '../../shared/common/text.ts';
import { createDatabase, type Database } from '../database.ts';
import { write } from '../entries.ts';
import type { Entry } from '../format.ts';

const PART = '.part';
const OWNER_ALONE = 0o700;

/** What is asked of the disk at the end. A test sees in which order. */
export interface Disk {
  /** Resolves when a file or a folder is on disk. */
  sync(path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
}

const DISK: Disk = { sync: syncPath, rename };

export class BackupFolder implements AsyncDisposable {
  /** Where the backup is at the end. */
  readonly path: string;
  /** Where it is until then. */
  readonly part: string;
  readonly db: Database;
  readonly #disk: Disk;
  #finished = false;

  private constructor(path: string, db: Database, disk: Disk) {
    this.path = path;
    this.part = path + PART;
    this.db = db;
    this.#disk = disk;
  }

  /**
   * Begins a backup in `folder`, which must be empty or not there.
   * @throws StartError that says what is wrong with the folder
   */
  static async begin(folder: string, disk: Disk = DISK): Promise<BackupFolder> {
    const path = resolve(folder);
    await mustBeFree(path);
    const part = path + PART;
    try {
      await mkdir(part, { mode: OWNER_ALONE });
    } catch (error) {
      throw whyNoFolder(part, error);
    }
    try {
      return new BackupFolder(path, await createDatabase(part), disk);
    } catch (error) {
      await rm(part, { recursive: true, force: true });
      throw whyUnwritten(path, error);
    }
  }

  /** Adds entries. They need not be on disk yet. @throws StartError if they cannot be written */
  async add(entries: readonly Entry[]): Promise<void> {
    try {
      await write(
        this.db,
        entries.map(([key, value]) => ({ type: 'put', key, value })),
        false,
      );
    } catch (error) {
      throw whyUnwritten(this.path, error);
    }
  }

  /** Everything is there: it is brought to disk, and gets its name. @throws StartError if that fails */
  async finish(): Promise<void> {
    try {
      await this.db.close();
      await this.#syncAll(this.part);
      await this.#disk.rename(this.part, this.path);
      this.#finished = true;
      await this.#disk.sync(dirname(this.path));
    } catch (error) {
      throw whyUnwritten(this.path, error);
    }
  }

  /** What was not finished is taken away. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#finished) return;
    await this.db.close();
    await rm(this.part, { recursive: true, force: true });
  }

  async #syncAll(folder: string): Promise<void> {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      await (entry.isDirectory() ? this.#syncAll(path) : this.#disk.sync(path));
    }
    await this.#disk.sync(folder);
  }
}

/** @returns the error for a backup that cannot be written. @param folder where it was to be */
export function whyUnwritten(folder: string, error: unknown): StartError {
  const { cause } = error as { cause?: unknown };
  const message = messageOf(cause instanceof Error ? cause : error);
  const todo = /ENOSPC|EDQUOT|no space left|quota exceeded/i.test(message) ? ': make room' : '';
  return new StartError(`the backup in ${escaped(folder)} cannot be written (${message})${todo}`, EXIT_FAILED, {
    cause: error,
  });
}

async function mustBeFree(path: string): Promise<void> {
  if (basename(path) === '') throw badFolder(path, 'it is no folder for a backup');
  try {
    // A link stays what it is when a folder is to get its name.
    if ((await lstat(path)).isSymbolicLink()) throw badFolder(path, 'it is a symbolic link: name the folder itself');
    if ((await readdir(path)).length > 0) throw badFolder(path, 'it is not empty');
    const isDisk = (await stat(path)).dev !== (await stat(dirname(path))).dev;
    if (isDisk) throw badFolder(path, 'it is a disk of its own: name a folder that is not there yet in it');
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return;
    throw badFolder(path, code === 'ENOTDIR' ? 'it is a file' : messageOf(error), error);
  }
}

function whyNoFolder(part: string, error: unknown): StartError {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EEXIST':
      return badFolder(part, 'a backup is being written there, or was broken off: then delete it', error);
    case 'ENOENT':
      return badFolder(dirname(part), 'it does not exist', error);
    default:
      return whyUnwritten(part, error);
  }
}

function badFolder(path: string, why: string, cause?: unknown): StartError {
  return new StartError(`no backup in ${escaped(path)}: ${why}`, EXIT_BAD_SETTING, { cause });
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
