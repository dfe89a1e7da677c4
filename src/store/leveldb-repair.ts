/** LevelDB's own repair, for a database that cannot be opened or read as it is. */
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import { type Database, openExisting } from './database.ts';

/** No key of the store is before the first or behind the last of these. */
const FIRST_KEY = Buffer.from([0]);
const LAST_KEY = Buffer.alloc(8, 0xff);

/**
 * Lets LevelDB mend the files of the database in `folder` as far as they can be read, and opens it. What it takes out
 * of use it leaves in the folder's `lost`. Nobody else may have the database: LevelDB does not look.
 * @throws StartError if it cannot be mended
 */
export async function mendDatabase(folder: string): Promise<Database> {
  try {
    await ClassicLevel.repair(resolve(folder));
  } catch (error) {
    const reason = messageOf(error);
    throw new StartError(`DATA_DIR ${folder} cannot be mended: ${reason}`, EXIT_FAILED, { cause: error });
  }
  const db = await openExisting(folder);
  // A mended database has all its tables on one level, where a look-up can find an older value than the newest.
  await db.compactRange(FIRST_KEY, LAST_KEY);
  return db;
}
