/** Questions to all shards at once, with shards on paper. */
import { setImmediate as endOfTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type Flushed, Flushes } from '../../../src/shards/flushes.ts';
import { connected, put } from '../../helpers/unit/outbox.ts';

/** Flushes of some shards, and what each of them was asked. */
function scene(shards: number) {
  const ends = Array.from({ length: shards }, connected);
  const flushes = new Flushes(ends.map(({ outbox }) => outbox));
  const answers: Flushed[] = [];
  return {
    ends,
    flushes,
    answers,
    ask: () => void flushes.ask().then((flushed) => answers.push(flushed)),
    asked: () => ends.map(({ port }) => port.flushIds.flat()),
  };
}

describe('a flush', () => {
  it('is asked of every shard, behind what was put before', async () => {
    const { ends, ask, asked } = scene(2);
    for (const { outbox } of ends) put(outbox, 77);
    ask();
    await endOfTurn();
    expect(asked()).toEqual([
      [77, 1],
      [77, 1],
    ]);
  });

  it('is answered when all shards have, with the sum of what waits', async () => {
    const { flushes, answers, ask } = scene(3);
    ask();
    flushes.answered(1, 2, 5, false);
    flushes.answered(1, 0, 0, true);
    await endOfTurn();
    expect(answers).toEqual([]);
    flushes.answered(1, 1, 3, false);
    await endOfTurn();
    expect(answers).toEqual([{ waiting: 8, storing: true }]);
  });

  it('hears each shard once', async () => {
    const { flushes, answers, ask } = scene(2);
    ask();
    flushes.answered(1, 0, 5, true);
    flushes.answered(1, 0, 5, true);
    await endOfTurn();
    expect(answers).toEqual([]);
    flushes.answered(1, 1, 0, false);
    flushes.answered(1, 1, 7, true);
    await endOfTurn();
    expect(answers).toEqual([{ waiting: 5, storing: true }]);
  });

  it('is not mistaken for another', async () => {
    const { flushes, answers, ask } = scene(1);
    ask();
    ask();
    flushes.answered(3, 0, 9, true);
    flushes.answered(2, 0, 2, false);
    flushes.answered(1, 0, 1, false);
    await endOfTurn();
    expect(answers.map(({ waiting }) => waiting)).toEqual([2, 1]);
  });

  it('is asked again of the next life of a shard, if that shard has not answered it', async () => {
    const { ends, flushes, ask, asked } = scene(2);
    ask();
    ask();
    await endOfTurn();
    flushes.answered(1, 0, 0, false);
    for (const { outbox } of ends) outbox.acknowledge(0);
    flushes.askAgain(0);
    flushes.askAgain(5);
    ends[0]?.outbox.schedule();
    await endOfTurn();
    expect(asked()).toEqual([
      [1, 2, 2],
      [1, 2],
    ]);
  });
});
