import { describe, expect, it } from 'vitest';
import { Turns } from '../../../src/session/reader/turns.ts';

function paperTurns(): { turns: Turns; end: () => void } {
  const steps: (() => void)[] = [];
  const turns = new Turns((step) => steps.push(step));
  return { turns, end: () => steps.splice(0).forEach((step) => void step()) };
}

describe('a turn', () => {
  it('has one number, and the next has another', () => {
    const { turns, end } = paperTurns();
    const first = turns.current;
    expect(turns.current).toBe(first);
    end();
    expect(turns.current).not.toBe(first);
  });

  it('lets those who waited for it go, in order, and once', () => {
    const { turns, end } = paperTurns();
    const went: string[] = [];
    turns.waitFor(() => went.push('one'));
    turns.waitFor(() => went.push('two'));
    expect([went, turns.hasWaiting]).toEqual([[], true]);
    end();
    end();
    expect([went, turns.hasWaiting]).toEqual([['one', 'two'], false]);
  });

  it('does not let one go again that waits again in it', () => {
    const { turns, end } = paperTurns();
    let went = 0;
    const resume = () => {
      went++;
      turns.waitFor(resume);
    };
    turns.waitFor(resume);
    end();
    expect(went).toBe(1);
    end();
    expect(went).toBe(2);
  });

  it('calls what is to be done at its end once, before those who waited', () => {
    const { turns, end } = paperTurns();
    const done: string[] = [];
    turns.waitFor(() => done.push('waited'));
    turns.atEnd(() => done.push('first'));
    turns.atEnd(() => done.push('second'));
    end();
    end();
    expect(done).toEqual(['first', 'second', 'waited']);
  });

  it('tells its watchers, and lets those wait for the next turn who wait because of that', () => {
    const { turns, end } = paperTurns();
    const done: string[] = [];
    turns.watch({
      begun: () => done.push('begun'),
      over: () => {
        done.push('over');
        if (done.length < 4) turns.waitFor(() => done.push('waited in it'));
      },
    });
    turns.waitFor(() => done.push('waited'));
    end();
    expect(done).toEqual(['begun', 'over', 'begun', 'waited']);
    end();
    expect(done.slice(4)).toEqual(['over', 'waited in it']);
  });

  it('does not let one go that has left', () => {
    const { turns, end } = paperTurns();
    let went = 0;
    const resume = () => {
      went++;
    };
    turns.waitFor(resume);
    turns.forget(resume);
    end();
    expect(went).toBe(0);
  });
});
