/** Tries whether files can be made and written in a folder, without a touch of what is there. */
import { type FileHandle, open, readdir, stat, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** The files that LevelDB makes, or has open, at one time while it is opened: as many, and a few more. */
const OPENING_FILES = 12;
/** What it needs beside a copy of its log: its list of files, a new log, and its own journal. */
const OPENING_BYTES = 1024 * 1024;
const PIECE_BYTES = 1024 * 1024;
const OWNER_ALONE = 0o600;

export interface Need {
  readonly bytes: number;
  /** Files that are open at the same time. */
  readonly files: number;
}

/** What it takes to open the store in `folder` anew: what is in its log is then written to a table. */
export async function needToOpen(folder: string): Promise<Need> {
  let bytes = OPENING_BYTES;
  for (const file of await readdir(folder)) {
    if (/^(MANIFEST-\d+|\d+\.log)$/.test(file)) bytes += (await stat(join(folder, file))).size;
  }
  return { bytes, files: OPENING_FILES };
}

/** Whether the system says that there is room for so much. It costs nothing, and may be wrong: a quota is not in it. */
export async function hasRoom(folder: string, { bytes, files }: Need): Promise<boolean> {
  const { bavail, bsize, ffree, files: inodes } = await statfs(folder);
  return bavail * bsize >= bytes && (inodes === 0 || ffree >= files);
}

/**
 * Makes so many files in `folder`, writes as much, and removes them.
 * @throws the system's error if that cannot be
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
    if (bytes > 0) await file?.sync(); // some systems give the room only then
  } finally {
    for (const { path, file } of made) {
      await file.close();
      await unlink(path);
    }
  }
}
