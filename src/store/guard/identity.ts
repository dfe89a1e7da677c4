/**
 * Which files a store lies in. LevelDB goes on writing to files that were deleted, or moved away with their folder, and
 * says that all is well: only a look at the folder shows that what it has written cannot be found again.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../shared/common/errors.ts';

/** The folder of a store that is open was deleted, moved or replaced. */
export class StoreGone extends Error {
  constructor(folder: string, cause?: unknown) {
    super(
      `the store in ${folder} was deleted, moved or replaced${cause === undefined ? '' : `: ${messageOf(cause)}`}`,
      {
        cause,
      },
    );
    this.name = 'StoreGone';
  }
}

const NOT_THERE = '';

export class StoreIdentity {
  readonly #folder: string;
  /** The file that says which others belong to the store; it is made anew whenever the store is opened, never else. */
  readonly #current: string;
  /** The log that was found last: it is deleted when there is a newer one. */
  #log = '';

  private constructor(folder: string, current: string) {
    this.#folder = folder;
    this.#current = current;
  }

  /** Of the store in `folder`, which is open. If it is not there, no check ever succeeds. */
  static async of(folder: string): Promise<StoreIdentity> {
    return new StoreIdentity(folder, await currentOf(folder).catch(() => NOT_THERE));
  }

  /**
   * Looks whether the files are still there.
   * @throws StoreGone if they are not, or the system's error if they cannot be looked at
   */
  async check(): Promise<void> {
    const [current] = await Promise.all([currentOf(this.#folder), this.#findLog()]);
    if (current !== this.#current) throw new StoreGone(this.#folder);
  }

  async #findLog(): Promise<void> {
    if (this.#log !== '' && (await isThere(this.#log))) return;
    const logs = (await orGone(this.#folder, readdir(this.#folder))).filter((file) => /^\d+\.log$/.test(file)).sort();
    const last = logs[logs.length - 1];
    if (last === undefined) throw new StoreGone(this.#folder);
    this.#log = join(this.#folder, last);
  }
}

async function currentOf(folder: string): Promise<string> {
  const { dev, ino, mtimeNs } = await orGone(folder, stat(join(folder, 'CURRENT'), { bigint: true }));
  return `${dev} ${ino} ${mtimeNs}`;
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function orGone<T>(folder: string, looking: Promise<T>): Promise<T> {
  try {
    return await looking;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOENT' || code === 'ENOTDIR' ? new StoreGone(folder, error) : error;
  }
}
