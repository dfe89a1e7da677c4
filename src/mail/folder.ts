/** What lies in the folder of a store, without opening it. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Nothing of a store, a store, or the mail of one without the file that says what belongs to it. */
export type StoreFiles = 'none' | 'headless' | 'whole';

/**
 * Looks at the names of the files in `folder`.
 * @throws the system's error if it cannot be read
 */
export async function storeFiles(folder: string): Promise<StoreFiles> {
  const files = await readdir(folder);
  if (files.includes('CURRENT')) return 'whole';
  if (files.some((file) => /^\d+\.(ldb|sst)$/.test(file))) return 'headless';
  for (const file of files.filter((name) => /^\d+\.log$/.test(name))) {
    if ((await stat(join(folder, file))).size > 0) return 'headless';
  }
  return 'none';
}
