/**
 * Recognizes the files of an open store. LevelDB continues to write to files that were deleted, or moved with their
 * folder, and reports success. Only a look at the folder shows that the mail cannot be found again.
 */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../shared/common/errors.ts';

/** The folder of an open store was deleted, moved or replaced. */
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

/** The identity of the files of one open store. */
export class StoreIdentity {
  readonly #folder: string;
  /**
   * The identity of CURRENT, the file that says what belongs to the store. It is replaced whenever the store is opened,
   * and at no other time.
   */
  readonly #current: string;
  /** The log of LevelDB that was found last. LevelDB deletes it when there is a newer one. */
  #log = '';

  private constructor(folder: string, current: string) {
    this.#folder = folder;
    this.#current = current;
  }

  /**
   * @returns the identity of the store in `folder`, which must be open. If its files are missing, every check fails.
   */
  static async of(folder: string): Promise<StoreIdentity> {
    return new StoreIdentity(folder, await currentOf(folder).catch(() => NOT_THERE));
  }

  /**
   * Checks that the files still exist.
   * @throws StoreGone if they do not; or the error of the system if they cannot be looked at
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
