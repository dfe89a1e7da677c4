/**
 * The store that a write has failed on: it is tried until it is written again, and never closed where it could not be
 * opened.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { type Database, openAgain } from '../../../src/store/database.ts';
import { KeptStore, type ShardStores } from '../../../src/store/guard/kept-store.ts';
import { WriteFence } from '../../../src/store/guard/write-fence.ts';
import { MailFolder, mail } from '../../helpers/unit/mail.ts';
import { until } from '../../helpers/until.ts';

const FULL = new Error('IO error: no space left on device');

async function scene(resumed: (kept: KeptStore, times: number) => void) {
  const folder = await MailFolder.of(mail({ name: 'bob', lines: ['one'] }));
  const said: string[] = [];
  const log = pino({}, { write: (line) => said.push(line) });
  const shared = WriteFence.memory(2);
  const kept = await KeptStore.of(folder.path, await openAgain(folder.path), new WriteFence(shared, 0), log);
  const shard = new WriteFence(shared, 1);
  const calls: string[] = [];
  const stores: ShardStores = {
    suspendStores: async () => {
      calls.push('suspended');
    },
    resumeStores: async () => {
      calls.push('resumed');
      resumed(kept, calls.filter((call) => call === 'resumed').length);
    },
  };
  kept.serve(stores);
  const fail = async () => {
    await shard.write(() => Promise.reject(FULL)).catch(() => undefined);
    kept.failed('no room', {});
  };
  const close = async () => {
    await kept.close(async () => undefined);
    folder[Symbol.dispose]();
  };
  return { kept, folder, shard, calls, fail, close, said };
}

const nothing = async (_: Database) => undefined;

it('is opened anew, and then its writers may write', async () => {
  const { shard, calls, fail, close } = await scene(() => undefined);
  await fail();
  expect(shard.broken).toBe(true);
  await until(() => calls.includes('resumed'), 'the writers to be told');
  expect([calls, shard.broken]).toEqual([['suspended', 'resumed'], false]);
  await close();
});

it('is tried again where a write has failed while the writers were being told', async () => {
  const { calls, close, fail, kept } = await scene((store, times) => {
    if (times === 1) store.failed('write', {});
  });
  await fail();
  await until(() => calls.filter((call) => call === 'resumed').length === 2, 'the second trial');
  await kept.write(nothing);
  await close();
});

it('is not closed while a table of it is missing, because it could not be opened again', async () => {
  const { folder, calls, fail, close, kept, said } = await scene(() => undefined);
  for (const file of readdirSync(folder.path)) if (file.endsWith('.ldb')) rmSync(join(folder.path, file));
  await fail();
  await until(() => said.some((line) => line.includes('"code":"STORE_DAMAGED"')), 'what is wrong to be said');
  expect(calls).toEqual([]);
  await kept.write(nothing);
  await close();
});
