/** The store on a real database: what of a damaged one can be read, and what stops its writers. */
import { readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Entry, type KeyRange, messageRange, readMessage } from '../../../src/store/format.ts';
import { WriteFence } from '../../../src/store/guard/write-fence.ts';
import { LevelStore } from '../../../workers/mailbox/disk/level-store.ts';
import { isDamage, writeFailure } from '../../../workers/mailbox/store.ts';
import { FIRST, MailFolder, mail, put } from '../../helpers/unit/mail.ts';

const bob = Buffer.from('bob');
const MESSAGES = 2_000;
const ALL = messageRange(bob, FIRST, FIRST + MESSAGES);

function read(store: LevelStore, range: KeyRange): Promise<{ error: Error | undefined; entries: readonly Entry[] }> {
  return new Promise((resolve) => {
    store.read(range, Number.MAX_SAFE_INTEGER, (error, entries) => resolve({ error, entries }));
  });
}

function write(store: LevelStore, key: string, sync: boolean): Promise<Error | undefined> {
  return new Promise((resolve) => store.write([put(key, 'x')], sync, resolve));
}

/** Lines that do not compress to nothing. */
const lines = Array.from({ length: MESSAGES }, (_, i) => `${i} ${Math.sin(i)} ${Math.cos(i)} ${'x'.repeat(50)}`);

it('what is before and behind a place that cannot be read can be had', async () => {
  using folder = await MailFolder.of(mail({ name: 'bob', lines }));
  await folder.use((db) => db.compactRange(Buffer.from([0]), Buffer.alloc(8, 0xff)));
  const [table = ''] = readdirSync(folder.path).filter((file) => file.endsWith('.ldb'));
  const bytes = readFileSync(join(folder.path, table));
  // Longer than a line: bytes within the text of a line would only change it.
  bytes.fill(0xff, bytes.length >> 1, (bytes.length >> 1) + 256);
  writeFileSync(join(folder.path, table), bytes);
  const store = await LevelStore.open(folder.path, new WriteFence(WriteFence.memory(1), 0));
  const { error, entries } = await read(store, ALL);
  expect(error !== undefined && isDamage(error)).toBe(true);
  const numbers = entries.map(([key, value]) => readMessage(key, value)?.number ?? 0);
  expect(numbers.length).toBeLessThan(MESSAGES);
  expect(numbers.length).toBeGreaterThan(MESSAGES * 0.9);
  expect([numbers[0], numbers.at(-1)]).toEqual([FIRST, FIRST + MESSAGES - 1]);
  await store.close();
});

describe('a write', () => {
  it('that must be held is not, when the folder is away, and others do not care', async () => {
    using folder = await MailFolder.of([]);
    const store = await LevelStore.open(folder.path, new WriteFence(WriteFence.memory(1), 0));
    renameSync(folder.path, `${folder.path}.away`);
    const error = await write(store, 'ma', true);
    expect(error && writeFailure(error)).toBe('gone');
    expect(await write(store, 'mb', false)).toBeUndefined();
    renameSync(`${folder.path}.away`, folder.path);
    expect(await write(store, 'mc', true)).toBeUndefined();
    await store.close();
  });

  it('waits while the store is closed for a time', async () => {
    using folder = await MailFolder.of([]);
    const store = await LevelStore.open(folder.path, new WriteFence(WriteFence.memory(1), 0));
    await store.suspend();
    const written = write(store, 'ma', true);
    await store.reopen();
    expect(await written).toBeUndefined();
    await store.close();
  });
});

it.each([
  ['IO error: /data/000003.log: No space left on device', 'no room'],
  ['IO error: /data/000003.log: Disk quota exceeded', 'no room'],
  ['IO error: /data/000004.log: Too many open files', 'write'],
  ['IO error: /data/000004.log: Cannot allocate memory', 'write'],
  ['IO error: /data/000004.log: Input/output error', 'write'],
  ['Corruption: block checksum mismatch', 'damaged'],
])('%s means %s', (message, failure) => {
  expect(writeFailure(new Error(message))).toBe(failure);
});
