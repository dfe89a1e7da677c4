import { describe, expect, it } from 'vitest';
import type { Outbox } from '../../../../src/router/outbox.ts';
import { MAX_ASKED_NAMES } from '../../../../src/session/program/pending-questions.ts';
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

/** Sends through an outbox until it has no room for anything. */
function congest(bench: ProgramBench, to: string): Outbox {
  const outbox = bench.router.outbox(bench.router.shardOf(Buffer.from(to)));
  while (bench.send({ to, body: 'x'.repeat(3_000) }) === 'routed');
  return outbox;
}

/** A program of a broker with two shards, of which that of `eve` is congested. `ann` is a name of the other. */
function halfCongested() {
  const bench = new ProgramBench(2);
  const [first, second] = [0, 1].map((shard) =>
    ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].find((name) => bench.router.shardOf(Buffer.from(name)) === shard),
  );
  const [ann = '', eve = ''] = [first, second];
  return { bench, ann, eve, outbox: congest(bench, eve), asked: { type: 'who', id: 'q', names: [ann, eve] } };
}

describe('a question about names', () => {
  it('is answered once, about all of them', () => {
    const bench = new ProgramBench();
    expect(bench.ask({ type: 'who', id: 'q', names: ['ann', 'eve'] })).toBe('routed');
    expect(bench.program.owesNothing).toBe(false);
    expect(bench.unknown(1, 'eve').endTurn().told).toEqual([]);
    const names = ['ann', 'eve'].map((name) => ({ name, here: false }));
    expect(bench.unknown(1, 'ann').endTurn().told).toEqual([{ type: 'who', id: 'q', names }]);
    expect(bench.program.owesNothing).toBe(true);
  });

  it('waits for a congested shard, and is continued from there', () => {
    const { bench, ann, eve, outbox, asked } = halfCongested();
    expect(bench.ask(asked)).toBe(outbox);
    expect(bench.again()).toBe(outbox);
    expect(bench.unknown(1, ann).endTurn().told).toEqual([]);
    outbox.acknowledge(outbox.unacknowledgedBytes);
    expect(bench.again()).toBe('routed');
    expect(bench.unknown(1, eve, 1).endTurn().of('who')).toMatchObject([{ id: 'q' }]);
  });

  it('is an error if a shard crashes that has not answered, and the rest of it is not asked', () => {
    const { bench, outbox, asked } = halfCongested();
    expect(bench.ask(asked)).toBe(outbox);
    bench.loseShard(0); // it has not got the question
    expect(bench.told).toEqual([]);
    congest(bench, asked.names[0] as string);
    bench.loseShard(0);
    expect(bench.told).toMatchObject([{ type: 'error', id: 'q', code: 'SHARD_RESTARTED' }]);
    expect([bench.again(), bench.program.owesNothing]).toEqual(['routed', true]);
  });

  it(`waits while ${MAX_ASKED_NAMES} names are asked about`, () => {
    const bench = new ProgramBench();
    const names = Array.from({ length: MAX_ASKED_NAMES }, (_, i) => `n${i}`);
    expect(bench.ask({ type: 'who', id: 'q', names })).toBe('routed');
    expect(bench.ask({ type: 'who', id: 'r', names: ['ann'] })).toBe(bench.program.backlog);
    expect(bench.unknown(1, 'n0').again()).toBe('routed');
  });
});
