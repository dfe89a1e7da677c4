/** A small disk that a test can fill and empty. */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PIECES = [1024 * 1024, 4096, 1] as const;

export class SmallDisk implements Disposable {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  /**
   * Mounts a disk of so many MiB in memory, with room for so many files. @returns the reason if that is not possible
   * here
   */
  static mount(mebibytes: number, inodes?: number): SmallDisk | string {
    const path = mkdtempSync(join(tmpdir(), 'restante-disk-'));
    try {
      const options = `size=${mebibytes}m${inodes === undefined ? '' : `,nr_inodes=${inodes}`}`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', path], { stdio: 'pipe' });
      return new SmallDisk(path);
    } catch (error) {
      rmdirSync(path);
      return `no small disk can be mounted here: ${error instanceof Error ? error.message : error}`;
    }
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }

  /** Fills the disk. */
  fill(): void {
    const file = openSync(this.#ballast, 'a');
    try {
      for (const size of PIECES) while (written(file, size));
    } finally {
      closeSync(file);
    }
  }

  /** Frees the space again, or so many MiB of it. */
  free(mebibytes = Number.POSITIVE_INFINITY): void {
    const left = statSync(this.#ballast).size - mebibytes * 1024 * 1024;
    if (left > 0) truncateSync(this.#ballast, left);
    else rmSync(this.#ballast);
  }

  /** Uses up all inodes. */
  fillInodes(): void {
    mkdirSync(this.#files);
    try {
      for (let i = 0; ; i++) closeSync(openSync(join(this.#files, String(i)), 'w'));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    }
  }

  /** Frees the inodes again. */
  freeInodes(): void {
    rmSync(this.#files, { recursive: true });
  }

  get #files(): string {
    return join(this.path, 'files');
  }

  [Symbol.dispose](): void {
    // Lazily, because a process that a failed test has left may still use it.
    execFileSync('umount', ['-l', this.path]);
    rmdirSync(this.path);
  }
}

/** Writes so many zeros. @returns false if there is no room for all of them */
function written(file: number, size: number): boolean {
  try {
    return writeSync(file, Buffer.alloc(size)) === size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
