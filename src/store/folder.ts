/** The folder of a store: what lies in it, how it is made, and who may read it, without opening the database. */
import { chmod, lstat, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EXIT_BAD_SETTING, EXIT_FAILED, StartError } from '../shared/common/errors.ts';
import { escaped } from '../shared/common/text.ts';

/** Nothing of a store, a store, or the mail of one without the file that says what belongs to it. */
export type StoreFiles = 'none' | 'headless' | 'whole';

const OWNER_ALONE = 0o700;
const OWNER_READS_AND_WRITES = 0o600;
const OTHERS = 0o077;
/** The umask of a process that makes files for its user alone. */
export const OWNER_ALONE_UMASK = OTHERS;
/** A folder with this bit is for all users of the machine, such as /tmp: it is not narrowed. */
const SHARED = 0o1000;
/**
 * What LevelDB makes, and what a repair sets aside. A folder can have other files too, which are not ours to change.
 */
const OURS = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(log|ldb|sst|dbtmp)|repair-.*\.jsonl)$/;
/** Where a repair of LevelDB puts what it takes out of use. */
const LOST = 'lost';

/**
 * Looks at the names of the files in `folder`.
 * @throws the system's error if it cannot be read
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
 * Sees to it that `folder` is there. (Node's own way to make a path does not come to an end where the system will not
 * say why it makes no folder, as in /proc.)
 * @throws StartError that says what is wrong with the path, or the system's error where it may not be made
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

/** What of the store others could read, and now cannot; and what they still can, because it is somebody else's. */
export interface Narrowed {
  readonly narrowed: number;
  readonly open: number;
}

/** Takes the rights of others from the folder and from the files of the store, where they are this user's. */
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
    return 'open'; // gone meanwhile, or on a disk that knows no rights
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
    // Below a file: the file itself is named, further up.
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
    if (code === 'EEXIST') return; // somebody else has made it at the same time
    // What is above it is there: this is no place for folders.
    if (code === 'ENOENT') throw badPath(folder, `no folder can be made in ${escaped(dirname(path))}`, error);
    throw error;
  }
}

/** The setting is wrong, whoever starts the broker. */
export function badPath(folder: string, why: string, cause?: unknown): StartError {
  return new StartError(`DATA_DIR ${escaped(folder)} cannot be a folder for mail: ${why}`, EXIT_BAD_SETTING, { cause });
}

/** The store cannot be had now. */
export function refused(message: string, cause?: unknown): StartError {
  return new StartError(message, EXIT_FAILED, { cause });
}
