/**
 * The file of accounts, in a folder of its own beside the database: `DATA_DIR/auth/accounts.json`. It is replaced as a
 * whole, so a reader finds the old one or the new one. Whoever changes it makes the next file under another name first,
 * and nobody else can while that exists. So commands do not need the lock of the store, and need no broker.
 */
import { chmod, chown, type FileHandle, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AccountsFile, DamagedAccounts, MAX_FILE_BYTES, NO_ACCOUNTS, readAccounts } from './state.ts';

const FOLDER = 'auth';
const FILE = 'accounts.json';
const NEXT = 'accounts.json.next';
const OWNER_READS_AND_WRITES = 0o600;
const OWNER_ALONE = 0o700;
const OTHERS = 0o077;
/** How long a change waits for another one. */
const WAIT_MS = 5_000;
const LOOK_MS = 20;

/** Another change is under way, or was broken off. */
export class AccountsLocked extends Error {
  override readonly name = 'AccountsLocked';
}

/** @returns the folder that has the file */
export function accountsFolder(dataDir: string): string {
  return join(dataDir, FOLDER);
}

/** @returns the file itself */
export function accountsFile(dataDir: string): string {
  return join(accountsFolder(dataDir), FILE);
}

/**
 * Reads the file.
 * @returns undefined if there is none
 * @throws DamagedAccounts if it is not what a command has written, or the error of the system
 */
export async function loadAccounts(dataDir: string): Promise<AccountsFile | undefined> {
  const text = await accountsText(dataDir);
  return text === undefined ? undefined : readAccounts(text);
}

/**
 * Reads the text of the file. Rights of other users are removed from the file.
 * @returns undefined if there is none
 * @throws DamagedAccounts if it is too large, or the error of the system
 */
async function accountsText(dataDir: string): Promise<string | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(accountsFile(dataDir), 'r');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  try {
    const { size, mode } = await handle.stat();
    if (size > MAX_FILE_BYTES) throw new DamagedAccounts(`it is larger than ${MAX_FILE_BYTES} bytes`);
    // A file system without rights refuses; there is nothing to narrow then.
    if ((mode & OTHERS) !== 0) await handle.chmod(OWNER_READS_AND_WRITES).catch(() => undefined);
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}

/** @returns the text of the file for a backup, if there is one. @throws what `loadAccounts` throws */
export async function accountsForBackup(dataDir: string): Promise<string | undefined> {
  const text = await accountsText(dataDir);
  if (text !== undefined) readAccounts(text); // a backup of a damaged one would be found out too late
  return text;
}

/** Puts the text of such a file into a folder that has none. */
export async function putAccounts(dataDir: string, text: string): Promise<void> {
  await makeAccountsFolder(dataDir);
  await writeFile(join(accountsFolder(dataDir), FILE), text, { flag: 'wx', mode: OWNER_READS_AND_WRITES });
}

/** Makes the folder of the file, for its user alone, if it is not there. */
export async function makeAccountsFolder(dataDir: string): Promise<void> {
  const folder = accountsFolder(dataDir);
  await mkdir(folder, { recursive: true, mode: OWNER_ALONE });
  await chmod(folder, OWNER_ALONE).catch(() => undefined); // another user's folder is that user's to narrow
  await giveToOwnerOf(dataDir, folder);
}

/**
 * Changes the file. Nothing is written if `change` throws.
 * @returns what `change` returned beside the new file
 * @throws AccountsLocked if another change does not end, or what `loadAccounts` and `change` throw
 */
export async function changeAccounts<Result>(
  dataDir: string,
  change: (now: AccountsFile) => readonly [next: AccountsFile, result: Result],
  waitMs = WAIT_MS,
): Promise<Result> {
  await makeAccountsFolder(dataDir);
  const folder = accountsFolder(dataDir);
  const path = join(folder, NEXT);
  const handle = await lock(path, waitMs);
  let renamed = false;
  try {
    const [next, result] = change((await loadAccounts(dataDir)) ?? NO_ACCOUNTS);
    const text = `${JSON.stringify(readAccounts(JSON.stringify(next)), undefined, 1)}\n`;
    if (Buffer.byteLength(text) > MAX_FILE_BYTES) throw new DamagedAccounts(`more than ${MAX_FILE_BYTES} bytes`);
    await handle.writeFile(text);
    await handle.sync();
    await giveToOwnerOf(dataDir, path);
    await rename(path, join(folder, FILE));
    renamed = true;
    await syncFolder(folder);
    return result;
  } finally {
    await handle.close();
    // Once it has its name, the other one may be somebody else's.
    if (!renamed) await rm(path, { force: true });
  }
}

async function lock(path: string, waitMs: number): Promise<FileHandle> {
  for (let leftMs = waitMs; ; leftMs -= LOOK_MS) {
    try {
      return await open(path, 'wx', OWNER_READS_AND_WRITES);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (leftMs <= 0)
        throw new AccountsLocked(`${path} is there: another command changes accounts, or was broken off`);
    }
    await sleep(LOOK_MS);
  }
}

/** A command that root has run must not leave files that the broker cannot read. */
async function giveToOwnerOf(folder: string, path: string): Promise<void> {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = await stat(folder);
  if ((await stat(path)).uid !== uid) await chown(path, uid, gid);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
