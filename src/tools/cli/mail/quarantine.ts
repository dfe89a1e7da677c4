/** Where entries go that cannot be read: a file beside the store, from which nothing is lost. */
import { type FileHandle, open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Damaged } from './scan.ts';

/** Mail that cannot be read is mail. */
const OWNER_ALONE = 0o600;

export class Aside implements AsyncDisposable {
  /** The file, which is made when there is something to put into it. */
  readonly path: string;
  #file: FileHandle | undefined;
  #count = 0;

  constructor(folder: string, now: Date) {
    this.path = join(resolve(folder), `repair-${now.toISOString().replaceAll(/[:.]/g, '-')}.jsonl`);
  }

  /** The entries in it. */
  get count(): number {
    return this.#count;
  }

  /** Writes an entry as one line of JSON, its bytes as hexadecimal digits. It is on disk when `sync` has resolved. */
  async add({ key, value, what, why }: Damaged): Promise<void> {
    this.#file ??= await open(this.path, 'wx', OWNER_ALONE);
    await this.#file.appendFile(`${JSON.stringify({ what, why, key: hex(key), value: hex(value) })}\n`);
    this.#count++;
  }

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
