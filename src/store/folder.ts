/** The folder of a store: what is in it, how it is created, and which users may read it. The database is not opened. */
import { chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from '../shared/common/errors.ts';
import { escaped } from '../shared/common/text.ts';

/**
 * What a folder has: nothing of a store, a whole store, or mail without the file CURRENT, which says what belongs to a
 * store.
 */
export type StoreFiles = 'none' | 'headless' | 'whole';

const OWNER_ALONE = 0o700;
const OWNER_READS_AND_WRITES = 0o600;
const OTHERS = 0o077;
/** The umask of a process whose files only its user may read. */
export const OWNER_ALONE_UMASK = OTHERS;
/** The sticky bit. A folder with it, such as /tmp, is for all users, and its rights are left alone. */
const SHARED = 0o1000;
/** Files of LevelDB, and files that a repair has set aside. Other files in the folder are not ours to change. */
const OURS = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp)|repair-.*\.jsonl)$/;
/** Where a repair of LevelDB puts files that it does not use any more. */
const LOST = 'lost';

/**
 * Tells from the names of the files what `folder` has.
 * @throws the error of the system if it cannot be read
 */
export async function storeFiles(folder: string): Promise<StoreFiles> {
  const files = await readdir(folder);
  if (files.includes('CURRENT')) return 'whole';
  if (files.some((file) => /^\d+\.(ldb|sst)$/.test(file))) return 'headless';
  for (const file of files.filter((name) => /^\d+\.log$/.test(name))) {
    if ((await stat(join(folder, file))).size > 0) return 'headless';
  }
  return 'none';
}

/**
 * Creates `folder`, and the folders above it, if they do not exist. (`mkdir` with `recursive` does not return where the
 * system refuses a folder without a reason, as in /proc.)
 * @throws StartError that says what is wrong with the path; or the error of the system if the folder may not be created
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  let path = resolve(folder);
  while ((await kindOf(path, folder)) === 'missing') {
    missing.unshift(path);
    path = dirname(path);
  }
  for (const each of missing) await makeOne(each, folder);
}

/**
 * How many paths other users could read and now cannot, and how many they still can, because another user owns them.
 */
export interface Narrowed {
  readonly narrowed: number;
  readonly open: number;
}

/**
 * Removes the rights of other users from the folder and from the files of the store, as far as this user owns them.
 * @throws the error of the system if the folder cannot be read
 */
export async function narrowToOwner(folder: string): Promise<Narrowed> {
  const lost = join(folder, LOST);
  const paths = [folder, ...(await ours(folder)), ...(await ours(lost).catch(() => []))];
  if (paths.some((path) => path.startsWith(lost))) paths.push(lost);
  let narrowed = 0;
  let open = 0;
  for (const path of paths) {
    const done = await narrow(path);
    if (done === 'narrowed') narrowed++;
    else if (done === 'open') open++;
  }
  return { narrowed, open };
}

async function ours(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((file) => OURS.test(file)).map((file) => join(folder, file));
}

async function narrow(path: string): Promise<'narrowed' | 'narrow' | 'open'> {
  try {
    const found = await stat(path);
    const isFolder = found.isDirectory();
    if ((found.mode & OTHERS) === 0 || (isFolder && (found.mode & SHARED) !== 0)) return 'narrow';
    if (found.uid !== process.getuid?.()) return 'open';
    await chmod(path, isFolder ? OWNER_ALONE : OWNER_READS_AND_WRITES);
    return 'narrowed';
  } catch {
    return 'open'; // it is gone, or its file system has no rights
  }
}

async function kindOf(path: string, folder: string): Promise<'folder' | 'missing'> {
  try {
    if ((await stat(path)).isDirectory()) return 'folder';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && !(await isThere(path))) return 'missing';
    if (code === 'ENOENT') throw badPath(folder, `${escaped(path)} is a link to nothing`, error);
    if (code === 'ELOOP') throw badPath(folder, `${escaped(path)} is a link to itself`, error);
    if (code === 'ENAMETOOLONG') throw badPath(folder, 'its path is too long', error);
    // Something above it is a file, which is reported further up.
    if (code === 'ENOTDIR') return 'missing';
    throw error;
  }
  throw badPath(folder, path === resolve(folder) ? 'it is a file' : `${escaped(path)} is a file`);
}

async function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}

async function makeOne(path: string, folder: string): Promise<void> {
  try {
    await mkdir(path, OWNER_ALONE);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return; // another process has just created it
    // The folder above it exists, so no folder can be created in that.
    if (code === 'ENOENT') throw badPath(folder, `no folder can be made in ${escaped(dirname(path))}`, error);
    throw error;
  }
}

/** @returns the error for a wrong setting, which fails for every user. @param why follows the path in the message */
export function badPath(folder: string, why: string, cause?: unknown): StartError {
  return new StartError(`DATA_DIR ${escaped(folder)} cannot be a folder for mail: ${why}`, EXIT_BAD_SETTING, { cause });
}

/** @returns the error for a store that cannot be opened now */
export function refused(message: string, cause?: unknown): StartError {
  return new StartError(message, EXIT_FAILED, { cause });
}
