/** The database for held mail, and plain messages for why it cannot be opened. */
import { access, constants, readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import { commandFor, escaped } from '../shared/common/text.ts';
import { badPath, makeFolder, refused, storeFiles } from './folder.ts';
import { FORMAT, FORMAT_KEY, OLDEST_FORMAT } from './format.ts';
import { probe } from './guard/probe.ts';

/** The cache is small, because mail is read once. */
const CACHE_BYTES = 1024 * 1024;

/** Messages of the system for a file that is unavailable now, whatever is in it. */
const PASSING = new RegExp(
  [
    ...['permission denied', 'not permitted', 'no space left', 'quota exceeded', 'read-only', 'too many open files'],
    ...['cannot allocate', 'temporarily unavailable', 'interrupted', 'busy', 'input/output error', 'stale'],
  ].join('|'),
  'i',
);

/** The beginning of every message of LevelDB about its files. */
const STATUS = /^(?:Corruption|IO error|NotFound|Not implemented|Invalid argument): /;

/** An open or closed LevelDB database, with keys and values as bytes. */
export type Database = ClassicLevel<Uint8Array, Uint8Array>;

/** There is a store, and it is damaged. The message tells the operator what to do. */
export class DamagedStore extends StartError {
  /** What is damaged, without the advice. */
  readonly reason: string;

  constructor(folder: string, reason: string, cause?: unknown) {
    super(
      `DATA_DIR ${escaped(folder)} is damaged (${reason}): ` +
        `look with "${commandFor('mail')} verify", mend with "${commandFor('mail')} repair"`,
      EXIT_FAILED,
      { cause },
    );
    this.name = 'DamagedStore';
    this.reason = reason;
  }
}

/** Another process has the store open. */
export class StoreInUse extends StartError {}

/**
 * @returns the database in `folder`, which is not open yet. Each thread of a process can have one for the same folder.
 */
function database(folder: string): Database {
  return new ClassicLevel<Uint8Array, Uint8Array>(resolve(folder), {
    keyEncoding: 'view',
    valueEncoding: 'view',
    multithreading: true,
    cacheSize: CACHE_BYTES,
  });
}

/**
 * Opens the database in `folder` for this process alone. Creates the folder and the database if they do not exist.
 * @throws StartError whose message says what to do
 */
export async function openDatabase(folder: string): Promise<Database> {
  await mustBeWritable(folder);
  // LevelDB takes a folder without the file CURRENT for an empty one, and would delete the mail there.
  const createIfMissing = (await storeFiles(folder)) !== 'headless';
  const db = await opened(
    folder,
    createIfMissing,
    'another broker: stop that one, or give this one a folder of its own',
  );
  return checked(db, async () => {
    // A broker that knows only an older format must not read what this one writes.
    if ((await checkFormat(db, folder)) !== FORMAT) {
      await db.put(FORMAT_KEY, Buffer.from(String(FORMAT)), { sync: true });
    }
  });
}

/** Makes a new database in `folder`, which must be empty. @throws the error of the database */
export async function createDatabase(folder: string): Promise<Database> {
  const db = database(folder);
  await db.open({ errorIfExists: true });
  return db;
}

/**
 * Opens an existing database in `folder` for this process alone.
 * @throws DamagedStore if it is damaged; StartError if there is none, or if a broker has it open
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
 * @returns the number in the format record; undefined if there is no such record, NaN if it cannot be read
 * @throws DamagedStore if the database cannot be read
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

/** @returns the number in the value of a format record; NaN if it is no such value */
export function readFormat(value: Uint8Array): number {
  const text = Buffer.from(value).toString();
  return /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
}

/** Opens an existing database, and never creates one. @throws the error of the database */
export async function openAgain(folder: string): Promise<Database> {
  const db = database(folder);
  await db.open({ createIfMissing: false });
  return db;
}

/**
 * Checks that all tables of an open database exist. If one is missing, the database could not be opened again, though
 * the others can still be read now.
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

/** Creates the folder if it does not exist. @throws StartError if that fails, or if nothing can be written there */
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

/**
 * @returns the format; undefined if there is no format record
 * @throws StartError if it is newer, or DamagedStore if it is none
 */
async function checkFormat(db: Database, folder: string): Promise<number | undefined> {
  const format = await formatOf(db, folder);
  if (format === undefined || (format >= OLDEST_FORMAT && format <= FORMAT)) return format;
  if (format > FORMAT) throw newerFormat(folder, format);
  const found = await db.get(FORMAT_KEY);
  throw new DamagedStore(folder, `its format is ${JSON.stringify(Buffer.from(found ?? []).toString())}`);
}

/**
 * @returns the open database, if it passes `check`; closes it if not
 * @throws the error of `check`
 */
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
 * Why a thread could not open the store in `folder`, which this thread has open.
 * @param error as it arrives from that thread, without its code
 * @returns undefined if the error is not about the store
 */
export function whyUnreadable(folder: string, error: unknown): StartError | undefined {
  const message = ownWords(error);
  return STATUS.test(message) ? unreadable(folder, message, error) : undefined;
}

/** @returns the message of LevelDB itself, which may be the cause of the error */
function ownWords(error: unknown): string {
  const { cause } = error as { cause?: unknown };
  return messageOf(cause instanceof Error ? cause : error);
}

// LevelDB reports a file that is missing or cannot be parsed as an I/O error or an invalid argument.
function unreadable(folder: string, message: string, error: unknown): StartError {
  return isPassing(message)
    ? refused(`DATA_DIR ${escaped(folder)} cannot be opened: ${message}`, error)
    : new DamagedStore(folder, message, error);
}

/** Whether the reason may pass in a moment, and tells nothing about the files themselves. */
function isPassing(message: string): boolean {
  return PASSING.test(message);
}

function whyClosed(folder: string, error: unknown, otherUser: string): StartError {
  const message = ownWords(error);
  switch (codeOf((error as { cause?: unknown }).cause)) {
    case 'LEVEL_LOCKED':
      return new StoreInUse(`DATA_DIR ${escaped(folder)} is in use by ${otherUser}`, EXIT_FAILED, { cause: error });
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
