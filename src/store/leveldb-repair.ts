/** LevelDB's own repair, for a database that cannot be opened or read as it is. */
import { resolve } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { EXIT_FAILED, messageOf, StartError } from '../shared/common/errors.ts';
import { type Database, openExisting } from './database.ts';

/** All keys of the store are between these. */
const FIRST_KEY = Buffer.from([0]);
const LAST_KEY = Buffer.alloc(8, 0xff);

/**
 * Lets LevelDB mend the files of the database in `folder`, as far as they can be read, and opens it. Files that LevelDB
 * does not use any more are moved to `lost` in the folder. No other process may have the database open: LevelDB does
 * not check that.
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
  // After a repair all tables are on one level, where a look-up may find an old value of a key.
  await db.compactRange(FIRST_KEY, LAST_KEY);
  return db;
}
