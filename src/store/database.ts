/** The database held mail lies in, and the clear words for why it cannot be had. */
import { access, constants, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import { escaped } from '../shared/common/text.ts';
import { badPath, makeFolder, refused, storeFiles } from './folder.ts';
import { FORMAT, FORMAT_KEY } from './format.ts';
import { probe } from './guard/probe.ts';

/** Bytes of the database that are kept in memory to be read again: mail is read once. */
const CACHE_BYTES = 1024 * 1024;

/** What the system says where a file cannot be had now, whatever is in it. */
const PASSING = new RegExp(
  [
    ...['permission denied', 'not permitted', 'no space left', 'quota exceeded', 'read-only', 'too many open files'],
    ...['cannot allocate', 'temporarily unavailable', 'interrupted', 'busy', 'input/output error', 'stale'],
  ].join('|'),
  'i',
);

/** How all begins that LevelDB says of its files. */
const STATUS = /^(?:Corruption|IO error|NotFound|Not implemented|Invalid argument): /;

export type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** There is a store, and it cannot be read as it is. */
export class DamagedStore extends StartError {
  /** What is wrong, without the words on what to do. */
  readonly reason: string;

  constructor(folder: string, reason: string, cause?: unknown) {
    super(
      `DATA_DIR ${escaped(folder)} is damaged (${reason}): ` +
        'look with "npm run mail -- verify", mend with "npm run mail -- repair"',
      EXIT_FAILED,
      { cause },
    );
    this.name = 'DamagedStore';
    this.reason = reason;
  }
}

/** The database in `folder`, not opened yet. All threads of a process may have one of the same folder. */
function database(folder: string): Database {
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
  await mustBeWritable(folder);
  // LevelDB takes a folder without the file CURRENT for an empty one, and would delete what lies there.
  const createIfMissing = (await storeFiles(folder)) !== 'headless';
  const db = await opened(
    folder,
    createIfMissing,
    'another broker: stop that one, or give this one a folder of its own',
  );
  return checked(db, async () => {
    if ((await checkFormat(db, folder)) === undefined) {
      await db.put(FORMAT_KEY, Buffer.from(String(FORMAT)), { sync: true });
    }
  });
}

/**
 * Opens the database that lies in `folder`, for this process alone, and never makes one.
 * @throws DamagedStore if it cannot be opened as it is, or a StartError: there is none, or a broker runs on it
 */
export async function openExisting(folder: string): Promise<Database> {
  await mustHaveStore(folder);
  const db = await opened(folder, false, 'a broker that runs, or by this tool: stop that first');
  return checked(db, async () => {
    const format = await formatOf(db, folder);
    if (format !== undefined && format > FORMAT) throw newerFormat(folder, format);
  });
}

/**
 * The number its format record has.
 * @returns undefined if there is no such record, NaN if it cannot be read
 */
export async function formatOf(db: Database, folder: string): Promise<number | undefined> {
  let found: Uint8Array | undefined;
  try {
    found = await db.get(FORMAT_KEY);
  } catch (error) {
    throw new DamagedStore(folder, messageOf(error), error);
  }
  return found === undefined ? undefined : readFormat(found);
}

/** @returns NaN if it is no format record's value */
export function readFormat(value: Uint8Array): number {
  const text = Buffer.from(value).toString();
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
}

/** Opens a database that is there, and never makes one. @throws the database's own error */
export async function openAgain(folder: string): Promise<Database> {
  const db = database(folder);
  await db.open({ createIfMissing: false });
  return db;
}

/**
 * Looks whether all tables of an open database are there: without one of them it could not be opened again, though the
 * others can be read now.
 * @throws DamagedStore if one is missing
 */
export async function mustBeWhole(db: Database, folder: string): Promise<void> {
  const files = await readdir(folder);
  for (const [, number = ''] of db.getProperty('leveldb.sstables').matchAll(/^ (\d+):/gm)) {
    const name = number.padStart(6, '0');
    if (!files.includes(`${name}.ldb`) && !files.includes(`${name}.sst`)) {
      throw new DamagedStore(folder, `its file ${name}.ldb is missing`);
    }
  }
}

/** Makes the folder where there is none. @throws StartError if that cannot be, or nothing can be written there */
async function mustBeWritable(folder: string): Promise<void> {
  try {
    await makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    await probe(folder, { bytes: 0, files: 1 });
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT') throw badPath(folder, 'no file can be made there', error);
    const todo = code === 'ENOSPC' || code === 'EDQUOT' ? 'make room' : 'give it to this user';
    throw refused(`DATA_DIR ${escaped(folder)} cannot be written (${code}): ${todo}, or choose another`, error);
  }
}

/** @returns what the check has found, or undefined if there is no format record */
async function checkFormat(db: Database, folder: string): Promise<number | undefined> {
  const format = await formatOf(db, folder);
  if (format === undefined || format === FORMAT) return format;
  if (format > FORMAT) throw newerFormat(folder, format);
  const found = await db.get(FORMAT_KEY);
  throw new DamagedStore(folder, `its format is ${JSON.stringify(Buffer.from(found ?? []).toString())}`);
}

/** The open database, if it passes `check`. */
async function checked(db: Database, check: () => Promise<void>): Promise<Database> {
  try {
    await check();
  } catch (error) {
    await db.close();
    throw error;
  }
  return db;
}

async function mustHaveStore(folder: string): Promise<void> {
  let found: string;
  try {
    found = await storeFiles(folder);
  } catch (error) {
    const code = codeOf(error);
    throw refused(
      `DATA_DIR ${escaped(folder)} ${code === 'ENOENT' ? 'does not exist' : `cannot be read (${code})`}`,
      error,
    );
  }
  if (found === 'none') throw refused(`there is no store in DATA_DIR ${escaped(folder)}`);
}

async function opened(folder: string, createIfMissing: boolean, otherUser: string): Promise<Database> {
  const db = database(folder);
  try {
    await db.open({ createIfMissing });
  } catch (error) {
    throw whyClosed(folder, error, otherUser);
  }
  return db;
}

/**
 * Why the store in `folder`, which was opened, could not be read by another thread.
 * @param error as it comes from that thread, without its code
 * @returns undefined if it says nothing of the store
 */
export function whyUnreadable(folder: string, error: unknown): StartError | undefined {
  const message = ownWords(error);
  return STATUS.test(message) ? unreadable(folder, message, error) : undefined;
}

/** What LevelDB itself says, which can be the cause of what is thrown. */
function ownWords(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return messageOf(cause instanceof Error ? cause : error);
}

// LevelDB says of a file it misses, or cannot parse, that it is an I/O error or no valid argument.
function unreadable(folder: string, message: string, error: unknown): StartError {
  return isPassing(message)
    ? refused(`DATA_DIR ${escaped(folder)} cannot be opened: ${message}`, error)
    : new DamagedStore(folder, message, error);
}

/** Whether it failed for what may be otherwise in a moment, and says nothing of the files themselves. */
function isPassing(message: string): boolean {
  return PASSING.test(message);
}

function whyClosed(folder: string, error: unknown, otherUser: string): StartError {
  const message = ownWords(error);
  switch (codeOf((error as { cause?: unknown }).cause)) {
    case 'LEVEL_LOCKED':
      return refused(`DATA_DIR ${escaped(folder)} is in use by ${otherUser}`, error);
    case 'LEVEL_CORRUPTION':
      return new DamagedStore(folder, message, error);
    default:
      if (message.includes('create_if_missing is false')) {
        return new DamagedStore(folder, 'its file CURRENT is missing', error);
      }
      if (message.includes('File name too long')) return badPath(folder, 'its path is too long', error);
      return unreadable(folder, message, error);
  }
}

function newerFormat(folder: string, format: number): StartError {
  return refused(
    `DATA_DIR ${escaped(folder)} was written by a newer version (format ${format}, this one knows ${FORMAT}): use that`,
  );
}

function codeOf(error: unknown): string {
  return String((error as { code?: unknown } | undefined)?.code ?? error);
}
