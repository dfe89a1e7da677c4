/** What a shard says of the names that it knows: to a peer that comes, and to a peer that asks. */
import { describe, expect, it } from 'vitest';
import { ShardBench } from '../../helpers/unit/shard/bench.ts';

const answers = (bench: ShardBench) => bench.said.flatMap((value) => (value.kind === 'who is' ? [value] : []));
const waited = (bench: ShardBench) => bench.said.flatMap((value) => (value.kind === 'attached' ? [value.waiting] : []));

describe('a peer that comes is told how much waited', () => {
  it('before any of it', () => {
    const bench = new ShardBench().attach(1, 'bob').leave(1).message(9, 'bob', 'a', 'b').attach(2, 'bob');
    expect(waited(bench)).toEqual([0, 2]);
    const kinds = bench.said.flatMap((value) => ('number' in value && value.number === 2 ? [value.kind] : []));
    expect(kinds).toEqual(['attached', 'delivered']);
  });

  it('with what its writer before has not written, though it is not settled', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c').leave(1, { inFlight: 1 });
    expect(waited(bench.message(9, 'bob', 'd').attach(2, 'bob'))).toEqual([0, 4]);
  });
});

describe('a peer that asks about a name is told', () => {
  it('that it is here, and what waits', () => {
    const bench = new ShardBench({ writeWindowBytes: 2 }).attach(1, 'bob').message(9, 'bob', 'a', 'b', 'c');
    expect(answers(bench.whoIs(9, 'bob', 7))).toEqual([
      { kind: 'who is', asker: 9, name: 'bob', whoIs: { state: 'here', awaySeconds: 0, waiting: 2 }, question: 7 },
    ]);
  });

  it('how long it has been away', () => {
    const bench = new ShardBench().attach(1, 'bob').leave(1).message(9, 'bob', 'a').pass(70).whoIs(9, 'bob');
    expect(answers(bench)[0]?.whoIs).toEqual({ state: 'away', awaySeconds: 70, waiting: 1 });
  });

  it('that it is away where its last frames are unaccounted for', () => {
    const bench = new ShardBench().attach(1, 'bob').message(9, 'bob', 'a').leave(1, { inFlight: 1 }).whoIs(9, 'bob');
    expect(answers(bench)[0]?.whoIs).toEqual({ state: 'away', awaySeconds: 0, waiting: 1 });
  });

  it('that it is unknown where it never came, or is not remembered', () => {
    const bench = new ShardBench().attach(1, '~x').leave(1).whoIs(9, '~x').whoIs(9, 'eve').whoIs(9, '');
    expect(answers(bench).map(({ whoIs }) => whoIs.state)).toEqual(['unknown', 'unknown', 'unknown']);
    const forgetful = new ShardBench({ holdSeconds: 0 }).attach(1, 'bob').leave(1, {}).whoIs(9, 'bob');
    expect(answers(forgetful)[0]?.whoIs.state).toBe('unknown');
  });
});
