/** The database held mail lies in, and the clear words for why it cannot be had. */
import { access, constants, mkdir, statfs } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT_FAILED, StartError } from '../errors.ts';
import { FORMAT, FORMAT_KEY } from './format.ts';

/** Bytes of the database that are kept in memory to be read again: mail is read once. */
const CACHE_BYTES = 1024 * 1024;

export type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** The database in `folder`, not opened yet. All threads of a process may have one of the same folder. */
export function database(folder: string): Database {
  return new ClassicLevel<Uint8Array, Uint8Array>(resolve(folder), {
    keyEncoding: 'view',
    valueEncoding: 'view',
    multithreading: true,
    cacheSize: CACHE_BYTES,
  });
}

/**
 * Opens the database in `folder` for this process alone, and makes both where they are not there yet.
 * @throws StartError that says what to do
 */
export async function openDatabase(folder: string): Promise<Database> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw refused(
      `DATA_DIR ${folder} cannot be written (${codeOf(error)}): give it to this user, or choose another`,
      error,
    );
  }
  const db = database(folder);
  try {
    await db.open();
  } catch (error) {
    throw refused(whyClosed(folder, error), error);
  }
  try {
    await checkFormat(db, folder);
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}

/** Bytes that can still be written where `folder` is. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function checkFormat(db: Database, folder: string): Promise<void> {
  const found = await db.get(FORMAT_KEY);
  if (found === undefined) {
    await db.put(FORMAT_KEY, Buffer.from(String(FORMAT)), { sync: true });
    return;
  }
  const format = Number(Buffer.from(found).toString());
  if (format === FORMAT) return;
  if (format > FORMAT) {
    throw refused(
      `DATA_DIR ${folder} was written by a newer version (format ${format}, this one knows ${FORMAT}): use that`,
    );
  }
  throw refused(damaged(folder, `its format is ${JSON.stringify(Buffer.from(found).toString())}`));
}

function whyClosed(folder: string, error: unknown): string {
  const { cause } = error as { cause?: unknown };
  const message = cause instanceof Error ? cause.message : String(error);
  switch (codeOf(cause)) {
    case 'LEVEL_LOCKED':
      return `DATA_DIR ${folder} is in use by another broker: stop that one, or give this one a folder of its own`;
    case 'LEVEL_CORRUPTION':
      return damaged(folder, message);
    default:
      // LevelDB says of a file it misses, or cannot parse, that it is an I/O error or no valid argument.
      return /permission denied|no space left|read-only/i.test(message)
        ? `DATA_DIR ${folder} cannot be opened: ${message}`
        : damaged(folder, message);
  }
}

function damaged(folder: string, message: string): string {
  return `DATA_DIR ${folder} is damaged (${message}): look with "npm run mail -- verify", mend with "npm run mail -- repair"`;
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? error);
}

function refused(message: string, cause?: unknown): StartError {
  return new StartError(message, EXIT_FAILED, { cause });
}
