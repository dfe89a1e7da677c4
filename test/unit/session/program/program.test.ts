import { expect, it } from 'vitest';
import { ProgramBench } from './bench.ts';

const BODY = 'x'.repeat(60_000);

it('a send that fills its outbox, so that it is posted at once, is not answered if the shard crashes', () => {
  const bench = new ProgramBench();
  const { posts } = bench.router.outbox(0);
  let last = 0;
  while (bench.router.outbox(0).posts === posts) bench.send({ id: String(++last), to: 'ann', body: BODY });
  bench.loseShard();
  expect(bench.of('error')).toMatchObject(Array.from({ length: last }, (_, i) => ({ id: String(i + 1) })));
  expect(bench.program.pending.empty).toBe(true);
});

it('a send that the shard has not got yet is answered by its next life', () => {
  const bench = new ProgramBench();
  expect(bench.send({ id: 'm', to: 'ann', body: BODY })).toBe('routed');
  bench.loseShard();
  expect([bench.told, bench.program.pending.empty]).toEqual([[], false]);
});
