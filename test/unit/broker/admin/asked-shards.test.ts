/** Questions to shards on paper: which shard is asked, how often, and for how long. */
import { describe, expect, it } from 'vitest';
import { AskedShards } from '../../../../src/broker/admin/asked-shards.ts';
import type { ShardCalls } from '../../../../src/shards/shard-link.ts';
import type { NamesPage, NamesQuestion, Purged } from '../../../../src/shared/wire/port/asked.ts';

/** Shards that answer all calls in the same way. */
function shardsOf(calls: Partial<ShardCalls>, asked: number[] = []) {
  return {
    ask: async <A>(shard: number, question: (control: ShardCalls) => Promise<A>) => {
      asked.push(shard);
      return await question(calls as ShardCalls);
    },
  };
}

const ALL = { prefix: '', state: 'any', waiting: false, limit: 3, after: undefined } as const;
const row = (name: string) => ({ name, state: 'here', waitingMessages: 0, waitingBytes: 0, oldestSeconds: 0 }) as const;

describe('names', () => {
  it('come from shard after shard, part after part, up to the limit', async () => {
    const questions: NamesQuestion[] = [];
    const names = async (question: NamesQuestion): Promise<NamesPage> => {
      questions.push(question);
      const isFirst = question.from === 0;
      return { names: [row(`n${questions.length}`)], next: isFirst ? 5 : undefined, last: `last ${questions.length}` };
    };
    const asked: number[] = [];
    const answer = await new AskedShards(shardsOf({ names }, asked), 3).names(ALL);
    expect(answer).toEqual({ names: [row('n1'), row('n2'), row('n3')], more: true, next: 'last 3' });
    expect(asked).toEqual([0, 0, 1]);
    expect(questions.map(({ from, limit }) => [from, limit])).toEqual([
      [0, 3],
      [5, 2],
      [0, 1],
    ]);
  });

  it('are none where a shard is down', async () => {
    const down = { ask: async () => undefined };
    expect(await new AskedShards(down, 2).names(ALL)).toEqual({ state: 'down' });
  });
});

describe('a purge', () => {
  const purged = (count: number, more: boolean): Purged => ({ state: 'purged', purged: count, more, before: 9 });

  it('is asked again until all is dropped, with the number of the first answer', async () => {
    const befores: (number | undefined)[] = [];
    const purge = async (_: string, before: number | undefined) => {
      befores.push(before);
      return purged(2, befores.length < 3);
    };
    expect(await new AskedShards(shardsOf({ purge }), 1).purge('x')).toEqual({
      state: 'purged',
      purged: 6,
      more: false,
    });
    expect(befores).toEqual([undefined, 9, 9]);
  });

  it('says what it has dropped when its time is over, or the shard refuses the rest', async () => {
    const endless = async () => purged(1, true);
    const late = await new AskedShards(shardsOf({ purge: endless }), 1, 0).purge('x');
    expect(late).toEqual({ state: 'purged', purged: 1, more: true });
    const answers = [purged(2, true), { state: 'unwritable' } as const];
    const purge = async () => answers.shift() ?? purged(0, false);
    expect(await new AskedShards(shardsOf({ purge }), 1).purge('x')).toEqual({
      state: 'purged',
      purged: 2,
      more: true,
    });
  });

  it('that a shard never answers is down', async () => {
    const mail = () => new Promise<never>(() => undefined);
    expect(await new AskedShards(shardsOf({ mail }), 1, 1).mail('x', 0, 1)).toEqual({ state: 'down' });
  });
});
