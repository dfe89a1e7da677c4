import { expect, it } from 'vitest';
import { streamOf } from '../../../../src/http/admin/backup.ts';
import { until } from '../../../helpers/until.ts';

const UNTAKEN_MS = 50;

/** A backup of three pieces. */
function paperBackup() {
  const ends: string[] = [];
  async function* given(): AsyncGenerator<Uint8Array, undefined> {
    try {
      yield Buffer.from('head');
      yield Buffer.from('one');
      yield Buffer.from('two');
      ends.push('whole');
    } finally {
      ends.push('closed');
    }
  }
  return { ends, begin: async (pieces = given()) => ({ head: (await pieces.next()).value as Uint8Array, pieces }) };
}

it('a backup is given out whole, and then it is closed', async () => {
  const { ends, begin } = paperBackup();
  const stream = streamOf(await begin(), UNTAKEN_MS, () => ends.push('dropped'));
  expect(await new Response(stream).text()).toBe('headonetwo');
  expect(ends).toEqual(['whole', 'closed']);
});

it('a reader that leaves, and one that takes nothing, ends it', async () => {
  const left = paperBackup();
  await streamOf(await left.begin(), UNTAKEN_MS, () => left.ends.push('dropped')).cancel();
  expect(left.ends).toEqual(['closed']);
  const untaken = paperBackup();
  streamOf(await untaken.begin(), UNTAKEN_MS, () => untaken.ends.push('dropped'));
  await until(() => untaken.ends.length === 2, 'the backup to be given up');
  expect(untaken.ends).toEqual(['closed', 'dropped']);
});
