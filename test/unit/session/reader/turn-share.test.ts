import { describe, expect, it } from 'vitest';
import { TurnShare } from '../../../../src/session/reader/turn-share.ts';
import { Turns } from '../../../../src/session/reader/turns.ts';

const LINES = 2_048;
const COST_BYTES = 2 * 1024 * 1024;

function paperShare() {
  const steps: (() => void)[] = [];
  const share = new TurnShare(new Turns((step) => steps.push(step)));
  const nextTurn = () => {
    for (const step of steps.splice(0)) step();
  };
  share.begin();
  return { share, nextTurn };
}

describe('the share of a session in a turn', () => {
  it('is used up by lines, whatever they say, and is whole again in the next', () => {
    const { share, nextTurn } = paperShare();
    for (let line = 1; line < LINES; line++) share.spend(0, 0);
    expect(share.used).toBe(false);
    share.spend(0, 0);
    share.begin();
    expect(share.used).toBe(true);
    nextTurn();
    share.begin();
    expect(share.used).toBe(false);
  });

  it('is used up by names that had to be split as by lines', () => {
    const { share } = paperShare();
    share.spend(LINES - 1, 0);
    expect(share.used).toBe(true);
  });

  it('is used up by what shards are asked for', () => {
    const { share } = paperShare();
    share.spend(0, COST_BYTES - 1);
    expect(share.used).toBe(false);
    share.spend(0, 1);
    expect(share.used).toBe(true);
  });

  it('is less for who goes on where it waited for a shard', () => {
    const { share } = paperShare();
    share.resume();
    expect(share.costBytes).toBe(COST_BYTES / 8);
  });

  it('has room for two reads as large as they come, and what it may work off is no matter to that', () => {
    const { share, nextTurn } = paperShare();
    share.read(65_536);
    expect(share.readUp).toBe(false);
    share.read(65_536);
    expect([share.readUp, share.used]).toEqual([true, false]);
    nextTurn();
    share.read(1);
    expect(share.readUp).toBe(false);
  });
});
