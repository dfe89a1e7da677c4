/** Copies a store into a new folder, which a broker can start on. */
import { accountsForBackup, putAccounts } from '../../../../../session/auth/accounts/file.ts';
import { type Backup, backupOf, readBackup, sizeOf } from '../../../../../store/backup/backup.ts';
import { BackupFolder, whyUnwritten } from '../../../../../store/backup/backup-folder.ts';
import type { Database } from '../../../../../store/database.ts';
import { nameOfIndexKey, readMessageKey } from '../../../../../store/format.ts';
import { AdminApi } from '../../../admin/api.ts';
import type { Progress } from '../../../mail/progress.ts';

/** What a backup has. */
export interface Made {
  readonly folder: string;
  readonly names: number;
  readonly messages: number;
  /** The bytes of all keys and values. */
  readonly bytes: number;
  readonly accounts: boolean;
}

/** @returns the backup of a folder that nobody else has open, or of a broker that runs */
async function backupFrom(place: Database | AdminApi): Promise<Backup> {
  if (place instanceof AdminApi) return readBackup(await place.bytes('/backup', 'POST'));
  return backupOf(place, await accountsForBackup(place.location));
}

/**
 * Writes a backup into `folder`, which must be empty or not there. It is there whole, or not at all.
 * @param place the store, or the broker that has it
 * @param stop gives it up
 * @throws StartError if it cannot be written, ApiError or BrokenBackup if not all of it comes, or the reason of `stop`
 */
export async function makeBackup(
  place: Database | AdminApi,
  folder: string,
  progress: Progress,
  stop: AbortSignal,
): Promise<Made> {
  await using target = await BackupFolder.begin(folder);
  const from = await backupFrom(place);
  const { accounts } = from;
  let [names, messages, bytes] = [0, 0, 0];
  if (accounts !== undefined) {
    await putAccounts(target.part, accounts).catch((error: unknown) => {
      throw whyUnwritten(target.path, error);
    });
  }
  for await (const entries of from.entries) {
    stop.throwIfAborted();
    await target.add(entries);
    for (const [key, value] of entries) {
      bytes += key.length + value.length;
      if (readMessageKey(key) !== undefined) messages++;
      else if (nameOfIndexKey(key) !== undefined) names++;
    }
    await progress.show('backup', async () => [await sizeOf(target.db), from.sizeBytes]);
  }
  stop.throwIfAborted();
  await target.finish();
  return { folder: target.path, names, messages, bytes, accounts: accounts !== undefined };
}
