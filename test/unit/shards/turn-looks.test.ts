import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/session/reader/turns.ts';
import { TurnLooks } from '../../../src/shards/thread/turn-looks.ts';
import { BriefWait } from '../../../src/shared/memory/brief-wait.ts';

/** Turns with a look at one shard, and what is done to it. */
function scene(waits: boolean) {
  const happened: string[] = [];
  const ends: (() => void)[] = [];
  const turns = new Turns((step) => ends.push(step));
  let ms = 0;
  const looks = new TurnLooks(waits ? new BriefWait(5, () => ms++) : undefined);
  turns.watch(looks);
  let looksUntilAnswer = Number.POSITIVE_INFINITY;
  const shard = {
    get waiting() {
      return looksUntilAnswer-- <= 0;
    },
    lookLater: () => happened.push('look later'),
    lookNow: () => happened.push('look'),
  };
  looks.add(shard);
  return {
    happened,
    looks,
    shard,
    turns,
    get ms() {
      return ms;
    },
    answersAfter: (count: number) => {
      looksUntilAnswer = count;
    },
    turn: (step: () => void = () => happened.push('step')) => {
      turns.atEnd(step);
      for (const end of ends.splice(0)) end();
    },
  };
}

describe('the looks of a turn', () => {
  it('are announced when it begins, and follow its steps', () => {
    const all = scene(false);
    all.turn();
    all.turn();
    expect(all.happened).toEqual(['look later', 'step', 'look', 'look later', 'step', 'look']);
  });

  it('wait for an answer, though not for long', () => {
    const all = scene(true);
    all.answersAfter(50);
    all.turn();
    const waited = all.ms;
    expect(waited).toBeGreaterThan(0);
    all.answersAfter(Number.POSITIVE_INFINITY);
    all.turn();
    expect(all.ms - waited).toBeLessThan(8);
    expect(all.happened.filter((each) => each === 'look').length).toBe(2);
  });

  it('do not wait where the shards have no core of their own', () => {
    const all = scene(false);
    all.answersAfter(50);
    all.turn();
    expect(all.ms).toBe(0);
  });

  it('leave out a shard that is gone', () => {
    const all = scene(false);
    all.looks.delete(all.shard);
    all.turn();
    expect(all.happened).toEqual(['step']);
  });
});
