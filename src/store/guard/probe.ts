/** Tries to create and write files in a folder. Existing files are not touched. */
import { type FileHandle, open, readdir, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that LevelDB creates, or has open, at one time while it opens a store, and a few more. */
const OPENING_FILES = 12;
/** The bytes that LevelDB needs in addition to a copy of its log: its list of files, a new log, and its journal. */
const OPENING_BYTES = 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const OWNER_ALONE = 0o600;

/** Free space that is needed. */
export interface Need {
  readonly bytes: number;
  /** How many files are open at one time. */
  readonly files: number;
}

/**
 * @returns what LevelDB needs to open the store in `folder` again, when it writes its log to a table
 * @throws the error of the system if the folder cannot be read
 */
export async function needToOpen(folder: string): Promise<Need> {
  let bytes = OPENING_BYTES;
  for (const file of await readdir(folder)) {
    if (/^(MANIFEST-\d+|\d+\.log)$/.test(file)) bytes += (await stat(join(folder, file))).size;
  }
  return { bytes, files: OPENING_FILES };
}

/**
 * Whether the system reports enough free space. This costs nothing, and can be wrong because quotas are not included.
 * @throws the error of the system
 */
export async function hasRoom(folder: string, { bytes, files }: Need): Promise<boolean> {
  const { bavail, bsize, ffree, files: inodes } = await statfs(folder);
  return bavail * bsize >= bytes && (inodes === 0 || ffree >= files);
}

/**
 * Creates this many files in `folder`, writes this many bytes, and removes the files.
 * @throws the error of the system if any of that fails
 */
export async function probe(folder: string, { bytes, files }: Need): Promise<void> {
  const made: { readonly path: string; readonly file: FileHandle }[] = [];
  try {
    for (let i = 0; i < files; i++) {
      const path = join(folder, `probe-${process.pid}-${i}`);
      made.push({ path, file: await open(path, 'w', OWNER_ALONE) });
    }
    const file = made[0]?.file;
    const piece = new Uint8Array(Math.min(PIECE_BYTES, bytes));
    for (let left = bytes; left > 0; left -= piece.length) await file?.appendFile(piece.subarray(0, left));
    if (bytes > 0) await file?.sync(); // some file systems allocate the space only then
  } finally {
    for (const { path, file } of made) {
      await file.close();
      await unlink(path);
    }
  }
}
