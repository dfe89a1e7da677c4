/** A backup of a broker that stops meanwhile, from both ends. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Backups } from '../../../../src/broker/admin/backups.ts';
import { readConfig } from '../../../../src/shared/common/config.ts';
import { readBackup } from '../../../../src/store/backup/backup.ts';
import { createDatabase } from '../../../../src/store/database.ts';
import { AdminApi } from '../../../../src/tools/cli/admin/api.ts';
import { temporaryFolder } from '../../../helpers/folder.ts';

/** Begins a backup, and takes it to its end once the store was closed. */
async function closedMeanwhile(draining: boolean) {
  using folder = temporaryFolder();
  const database = await createDatabase(folder.path);
  await database.put(Buffer.from('mkey'), Buffer.from('value'));
  const said: string[] = [];
  const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(JSON.parse(line).code) });
  const health = { draining: false };
  const settings = { current: { ...readConfig({}), DATA_DIR: folder.path } };
  const backups = new Backups({ settings, log, store: { database }, health: () => health });
  const begun = await backups.begin(true);
  if (begun.state !== 'backup') throw new Error(`no backup: ${begun.state}`);
  health.draining = draining;
  await database.close();
  async function* all() {
    if (begun.state !== 'backup') return;
    yield begun.head;
    yield* begun.pieces;
  }
  const failure = (async () => {
    for await (const _ of (await readBackup(all())).entries);
  })().catch((error: unknown) => error);
  return { failure: await failure, said };
}

it('a store that is closed because the broker stops is not damaged, and whoever takes the backup hears it', async () => {
  expect(await closedMeanwhile(true)).toMatchObject({ failure: { message: 'the broker is stopping' }, said: [] });
  expect((await closedMeanwhile(false)).said).toEqual(['BACKUP_FAILED']);
});

it('an answer that is cut says in one line why', async () => {
  const server = createServer((_, answer) => answer.write('begun', () => answer.destroy())).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const bytes = await new AdminApi(url, undefined).bytes('/backup', 'POST');
  const read = (async () => {
    for await (const _ of bytes);
  })();
  await expect(read).rejects.toMatchObject({ code: 'BROKEN_OFF', message: expect.stringContaining('it is stopping') });
  server.close();
});
