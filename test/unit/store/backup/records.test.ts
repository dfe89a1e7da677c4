import { expect, it } from 'vitest';
import { readBackup } from '../../../../src/store/backup/backup.ts';
import { BrokenBackup, entryBytes, recordBytes, recordsIn } from '../../../../src/store/backup/records.ts';
import type { Entry } from '../../../../src/store/format.ts';

const ENTRIES: readonly Entry[] = ['a', 'key', '', 'long'.repeat(300)].map((text, i) => [
  Buffer.from(`n${text}`),
  Buffer.from(`value ${i} ${text}`),
]);
const WHOLE = [
  recordBytes('head', '1234'),
  recordBytes('accounts', '{"version":1}'),
  entryBytes(ENTRIES.slice(0, 3)),
  entryBytes(ENTRIES.slice(3)),
  recordBytes('end', '4'),
];

/** The bytes in pieces of this length. */
async function* cut(records: readonly Uint8Array[], length: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.concat(records);
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

async function entriesOf(bytes: AsyncIterable<Uint8Array>): Promise<string[]> {
  const found: string[] = [];
  const { entries } = await readBackup(bytes);
  for await (const some of entries) found.push(...some.map(([key, value]) => `${text(key)}=${text(value)}`));
  return found;
}

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();
const EXPECTED = ENTRIES.map(([key, value]) => `${text(key)}=${text(value)}`);

it.each([1, 2, 7, 9, 10, 64, 1000, 100_000])('a backup is read that comes in pieces of %i bytes', async (length) => {
  expect(await entriesOf(cut(WHOLE, length))).toEqual(EXPECTED);
  const { sizeBytes, accounts } = await readBackup(cut(WHOLE, length));
  expect([sizeBytes, accounts]).toEqual([1234, '{"version":1}']);
});

it('one without accounts, and one without entries, are read', async () => {
  const [head = new Uint8Array(), , ...rest] = WHOLE;
  expect(await entriesOf(cut([head, ...rest], 11))).toEqual(EXPECTED);
  expect((await readBackup(cut([head, ...rest], 11))).accounts).toBeUndefined();
  expect(await entriesOf(cut([head, recordBytes('end', '0')], 11))).toEqual([]);
});

it('no part of a backup is taken for a whole one, wherever it is cut', async () => {
  const bytes = Buffer.concat(WHOLE);
  for (let length = 0; length < bytes.length; length += 13) {
    await expect(entriesOf(cut([bytes.subarray(0, length)], 50)), `${length}`).rejects.toThrow(BrokenBackup);
  }
});

it('one that lacks entries in its middle, that the broker gave up, or that is none, is refused in words', async () => {
  const [head = new Uint8Array(), accounts = new Uint8Array(), , some = new Uint8Array(), end = new Uint8Array()] =
    WHOLE;
  await expect(entriesOf(cut([head, accounts, some, end], 50))).rejects.toThrow('1 entries came, and not all');
  const failed = recordBytes('failed', 'the disk is gone');
  await expect(entriesOf(cut([head, some, failed], 50))).rejects.toThrow('the disk is gone');
  await expect(entriesOf(cut([failed], 50))).rejects.toThrow('the disk is gone');
  await expect(entriesOf(cut([Buffer.from('<html>no broker at all</html>')], 50))).rejects.toThrow('it is no backup');
  await expect(recordsIn(cut([Buffer.alloc(9, 0xff)], 9)).next()).rejects.toThrow('it is no backup');
});
