/**
 * Writers of one store in several threads: none writes, or believes that it has written, behind a write that failed.
 */
import { expect, it } from 'vitest';
import { BehindFailedWrite, WriteFence } from '../../../src/store/guard/write-fence.ts';

function fences(count: number): WriteFence[] {
  const shared = WriteFence.memory(count);
  return Array.from({ length: count }, (_, writer) => new WriteFence(shared, writer));
}

/** A write that is under way until it is told how it ends. */
function slowWrite(fence: WriteFence) {
  let end = (_: Error | undefined) => {};
  const under = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });
  const outcome = fence
    .write(async () => {
      const error = await under;
      if (error !== undefined) throw error;
    })
    .then(
      () => 'written',
      (error: Error) => error.name,
    );
  return { outcome, end };
}

const FULL = new Error('no space left on device');

it('a write that succeeds beside one that fails does not count', async () => {
  const [a, b] = fences(2) as [WriteFence, WriteFence];
  const first = slowWrite(a);
  const second = slowWrite(b);
  second.end(undefined);
  first.end(FULL);
  expect([await first.outcome, await second.outcome]).toEqual(['Error', 'BehindFailedWrite']);
});

it('a write waits for those that were under way beside it, and counts if they succeed', async () => {
  const [a, b] = fences(2) as [WriteFence, WriteFence];
  const first = slowWrite(a);
  const second = slowWrite(b);
  let answered = false;
  void second.outcome.then(() => {
    answered = true;
  });
  second.end(undefined);
  await new Promise((resolve) => setImmediate(resolve));
  expect(answered).toBe(false);
  first.end(undefined);
  expect([await first.outcome, await second.outcome]).toEqual(['written', 'written']);
});

it('after one that failed nobody writes until it is mended', async () => {
  const [a, b] = fences(2) as [WriteFence, WriteFence];
  await expect(a.write(() => Promise.reject(FULL))).rejects.toBe(FULL);
  let written = false;
  const write = async () => {
    written = true;
  };
  await expect(b.write(write)).rejects.toThrow(BehindFailedWrite);
  expect([written, a.broken, b.broken]).toEqual([false, true, true]);
  b.mend();
  await a.write(write);
  expect(written).toBe(true);
});

it('nobody waits for a writer that is gone in the middle of a write', async () => {
  const [a, b] = fences(2) as [WriteFence, WriteFence];
  slowWrite(a);
  const second = slowWrite(b);
  second.end(undefined);
  a.leave();
  expect(await second.outcome).toBe('written');
  a.leave(); // it writes nothing any more
  await b.write(async () => undefined);
});
