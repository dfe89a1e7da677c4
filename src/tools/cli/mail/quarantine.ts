/** The file to which a repair moves entries that cannot be read, so that nothing is lost. */
import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Damaged } from './scan.ts';

/** Mail is private, also where it cannot be read. */
const OWNER_ALONE = 0o600;

/** The file of one repair. */
export class Aside implements AsyncDisposable {
  /** The path of the file, which is created with its first entry. */
  readonly path: string;
  #file: FileHandle | undefined;
  #count = 0;

  constructor(folder: string, now: Date) {
    this.path = join(resolve(folder), `repair-${now.toISOString().replaceAll(/[:.]/g, '-')}.jsonl`);
  }

  /** The number of entries in the file. */
  get count(): number {
    return this.#count;
  }

  /** Writes an entry as one line of JSON, with its bytes in hexadecimal. `sync` makes sure that it is on disk. */
  async add({ key, value, what, why }: Damaged): Promise<void> {
    this.#file ??= await open(this.path, 'wx', OWNER_ALONE);
    await this.#file.appendFile(`${JSON.stringify({ what, why, key: hex(key), value: hex(value) })}\n`);
    this.#count++;
  }

  /** Resolves when all entries are on disk. */
  async sync(): Promise<void> {
    await this.#file?.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file?.close();
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
