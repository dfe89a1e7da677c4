/** What crashes is run again, after a wait that grows with each crash. */
import { describe, expect, it } from 'vitest';
import { type Supervised, supervise } from '../../../src/shards/supervisor.ts';

/** A life on paper: how long it lasts, in milliseconds, and whether it ends well. */
type Life = readonly [livedMs: number, end: 'well' | 'crash'];

/** Something that has these lives, one after another, on a clock of its own; and all that happens to it. */
function paper(lives: readonly Life[], changes: Partial<Supervised<string, string>> = {}) {
  const happened: string[] = [];
  const waits: number[] = [];
  let now = 0;
  let begun = 0;
  const supervised: Supervised<string, string> = {
    live: async (known) => {
      happened.push(`live ${known}`);
      const [livedMs, end] = lives[begun++] ?? [0, 'well'];
      now += livedMs;
      if (end === 'crash') throw new Error(`crash ${begun}`);
      return `result ${begun}`;
    },
    mayRestart: () => true,
    crashed: (error) => happened.push(String(error)),
    wait: async (delayMs) => {
      happened.push('wait');
      waits.push(delayMs);
      now += delayMs;
    },
    known: () => `after ${begun}`,
    now: () => now,
    ...changes,
  };
  return { supervised, happened, waits };
}

const crashes = (count: number, livedMs = 0): Life[] => Array(count).fill([livedMs, 'crash']);

describe('a supervisor', () => {
  it('answers what the life has come to that ends well', async () => {
    const { supervised, happened } = paper([]);
    expect(await supervise('at first', supervised)).toBe('result 1');
    expect(happened).toEqual(['live at first']);
  });

  it('says that it has crashed, waits, and then finds out what the next life must know', async () => {
    const { supervised, happened } = paper(crashes(1), {
      known: () => {
        happened.push('known');
        return 'anew';
      },
    });
    expect(await supervise('at first', supervised)).toBe('result 2');
    expect(happened).toEqual(['live at first', 'Error: crash 1', 'wait', 'known', 'live anew']);
  });

  it('waits twice as long after each crash, up to a limit', async () => {
    const { supervised, waits } = paper(crashes(9));
    await supervise('', supervised);
    expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it('waits as after the first crash where a life has been long, and only then', async () => {
    const { supervised, waits } = paper([...crashes(3), [30_000, 'crash'], [30_001, 'crash'], ...crashes(1)]);
    await supervise('', supervised);
    expect(waits).toEqual([50, 100, 200, 400, 50, 100]);
  });

  it('says how long it will wait', async () => {
    const said: number[] = [];
    const { supervised, waits } = paper(crashes(3), { crashed: (_error, delayMs) => said.push(delayMs) });
    await supervise('', supervised);
    expect(said).toEqual(waits);
  });

  it('fails with the crash where no other life may follow', async () => {
    const { supervised, happened } = paper(crashes(1), { mayRestart: () => false });
    await expect(supervise('at first', supervised)).rejects.toThrow('crash 1');
    expect(happened).toEqual(['live at first']);
  });

  it('fails with what has ended its wait', async () => {
    const wait = () => Promise.reject(new Error('nothing is to be started'));
    const { supervised, happened } = paper(crashes(1), { wait });
    await expect(supervise('at first', supervised)).rejects.toThrow('nothing is to be started');
    expect(happened).toEqual(['live at first', 'Error: crash 1']);
  });
});
