/** Reads a file of settings, whatever lies there: it never waits for a writer, and never reads without a bound. */
import { isUtf8 } from 'node:buffer';
import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { messageOf } from '../errors.ts';
import { ConfigError, type Place, Places } from './problems.ts';

/** A file with every setting and a comment on each has 6 KiB. */
export const MAX_CONFIG_BYTES = 64 * 1024;
/** Opening a pipe waits for its other end without this. Windows has neither the flag nor such pipes in folders. */
const WITHOUT_WAITING = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOCTTY ?? 0);
/** What to say of an error of the system. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'this user may not read it',
  EISDIR: 'it is a folder',
  ENXIO: 'it is a socket, and no file',
  ELOOP: 'its links lead nowhere',
};

/**
 * The text of a file.
 * @throws ConfigError if it cannot be read, is too large, or is not UTF-8
 */
export async function readConfigFile(file: string): Promise<string> {
  const bytes = await bytesOf(file).catch((error: NodeJS.ErrnoException) => {
    if (error instanceof ConfigError) throw error;
    throw refused(file, `it cannot be read: ${WHY[error.code ?? ''] ?? messageOf(error)}`);
  });
  // A byte order mark is no part of the text.
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  throw refused(file, 'it is not UTF-8', firstBroken(bytes));
}

async function bytesOf(file: string): Promise<Buffer> {
  await using handle = await open(file, WITHOUT_WAITING);
  const stats = await handle.stat();
  if (stats.isDirectory()) throw refused(file, `it cannot be read: ${WHY.EISDIR}`);
  if (!stats.isFile()) throw refused(file, 'it cannot be read: it is a pipe or a device, and no file');
  const bytes = Buffer.alloc(MAX_CONFIG_BYTES + 1);
  const size = await fill(handle, bytes);
  if (size > MAX_CONFIG_BYTES) throw refused(file, `it is larger than ${MAX_CONFIG_BYTES} bytes`);
  return bytes.subarray(0, size);
}

/** Reads until the end of the file or of the buffer. @returns how many bytes were read */
async function fill(handle: FileHandle, bytes: Buffer): Promise<number> {
  for (let size = 0; ; ) {
    const { bytesRead } = await handle.read(bytes, size, bytes.length - size);
    size += bytesRead;
    if (bytesRead === 0 || size === bytes.length) return size;
  }
}

/** Where the text ends that is UTF-8. What is broken is decoded as other bytes than those that are there. */
function firstBroken(bytes: Buffer): Place {
  const again = Buffer.from(bytes.toString());
  const offset = bytes.findIndex((byte, at) => byte !== again[at]);
  const before = bytes.toString('utf8', 0, offset);
  return new Places(before).at(before.length);
}

function refused(file: string, text: string, place?: Place): ConfigError {
  return new ConfigError([{ file, text, place }]);
}
