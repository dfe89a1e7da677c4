import { expect, it } from 'vitest';
import { backupBytes, readBackup } from '../../../../src/store/backup/backup.ts';
import { createDatabase, type Database } from '../../../../src/store/database.ts';
import { write } from '../../../../src/store/entries.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

/** More than are read at a time. */
const ENTRIES = 2_500;
const keyOf = (number: number) => Buffer.from(`m${String(number).padStart(6, '0')}`);

async function put(db: Database, numbers: readonly number[], value: string): Promise<void> {
  await write(
    db,
    numbers.map((number) => ({ type: 'put', key: keyOf(number), value: Buffer.from(value) })),
  );
}

it('a backup shows one moment, whatever is written while it is read', async () => {
  using folder = temporaryFolder();
  await using db = await createDatabase(folder.path);
  const before = Array.from({ length: ENTRIES }, (_, number) => 2 * number);
  await put(db, before, 'before');
  const bytes = backupBytes(db, undefined);
  const { value: head } = await bytes.next();
  const { value: first } = await bytes.next();
  await put(db, [1, 2 * ENTRIES - 1, 2 * ENTRIES + 1], 'behind');
  await put(db, [2 * ENTRIES - 2], 'changed');
  await write(db, [{ type: 'del', key: keyOf(2 * ENTRIES - 4) }]);
  async function* all() {
    for (const read of [head, first]) if (read instanceof Uint8Array) yield read;
    yield* bytes;
  }
  const found: string[] = [];
  for await (const entries of (await readBackup(all())).entries) {
    found.push(...entries.map(([key, value]) => `${Buffer.from(key)} ${Buffer.from(value)}`));
  }
  expect(found).toEqual(before.map((number) => `${keyOf(number)} before`));
});
