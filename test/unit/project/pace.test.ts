/** The limits of the tests themselves: they follow the machine's speed, and say what was waited for in vain. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { filesIn, textOf } from '../../helpers/project.ts';

/** A pace that nobody has measured, and that is forgotten when the test is over. */
async function unmeasured() {
  vi.resetModules();
  vi.stubEnv('RESTANTE_PACE', '1');
  return await import('../../helpers/pace/pace.ts');
}

beforeEach(() => () => vi.unstubAllEnvs());

describe('a time limit', () => {
  it('is as it was given on a machine that is not slow', async () => {
    const { paced, noteSlowness } = await unmeasured();
    expect([paced(0), paced(20), paced(1_500)]).toEqual([0, 20, 1_500]);
    expect(noteSlowness(0.3)).toBe(1);
    expect(paced(20)).toBe(20);
  });

  it('is longer by what is known of the machine, a whole number, and never shorter again', async () => {
    const { paced, noteSlowness } = await unmeasured();
    noteSlowness(2.5);
    expect([paced(4), paced(3)]).toEqual([10, 8]);
    noteSlowness(1.5);
    expect(paced(4)).toBe(10);
  });

  it('is not longer than any machine needs, whatever was measured', async () => {
    const { paced, noteSlowness } = await unmeasured();
    for (const odd of [Number.NaN, -1]) expect(noteSlowness(odd)).toBe(1);
    noteSlowness(1e9);
    expect(paced(1)).toBe(20);
  });

  it('is told to processes that are started later', async () => {
    const { noteSlowness } = await unmeasured();
    noteSlowness(3);
    expect(process.env.RESTANTE_PACE).toBe('3');
  });

  it('follows the slowest of some pieces of work: who has not run for long may run at once', async () => {
    const { measureSlowness } = await unmeasured();
    const clock = vi.spyOn(performance, 'now');
    for (const tookMs of [22, 44, 22, 22]) clock.mockReturnValueOnce(0).mockReturnValueOnce(tookMs);
    expect(measureSlowness()).toBe(2);
    clock.mockRestore();
  });
});

describe('patience', () => {
  it('is over when its limit has passed', async () => {
    const { Patience } = await unmeasured();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(10_000);
    const patience = new Patience(100, () => 1);
    expect(patience.over).toBe(false);
    clock.mockReturnValue(10_100);
    expect(patience.over).toBe(true);
    clock.mockRestore();
  });

  it('is longer where the machine turns out to have become slower', async () => {
    const { Patience } = await unmeasured();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(10_000);
    const patience = new Patience(1_000, () => 3);
    clock.mockReturnValue(11_500);
    expect(patience.over).toBe(false);
    clock.mockReturnValue(12_999);
    expect(patience.over).toBe(false);
    clock.mockReturnValue(13_000);
    expect(patience.over).toBe(true);
    clock.mockRestore();
  });
});

describe('who waits in vain', () => {
  it('is told for what, as it was then', async () => {
    const { until, inTime } = await import('../../helpers/until.ts');
    let seen = 'nothing yet';
    const what = () => `the sea, seen: ${seen}`;
    // The limit can pass before `until` returns. What its condition has done has happened by then.
    const look = () => {
      seen = 'a beach';
      return false;
    };
    const waits = [until(look, what, 1), inTime(new Promise(() => undefined), what, 1)];
    const failed = await Promise.allSettled(waits);
    const error = new Error('waited in vain for the sea, seen: a beach');
    expect(failed).toEqual(Array(2).fill({ status: 'rejected', reason: error }));
  });

  it('is nobody whose condition holds, or whose work is done', async () => {
    const { until, inTime } = await import('../../helpers/until.ts');
    let turns = 0;
    await until(() => ++turns === 3, 'three turns');
    expect(turns).toBe(3);
    expect(await inTime(Promise.resolve('done'), 'what is done')).toBe('done');
    await expect(inTime(Promise.reject(new Error('its own')), 'what fails')).rejects.toThrow('its own');
  });
});

it('every time limit of a test goes through the pace of the machine', () => {
  const files = filesIn('test').filter((file) => file.endsWith('.ts'));
  const lines = files.flatMap((file) =>
    textOf(file)
      .split('\n')
      .map((line) => `${file}: ${line.trim()}`),
  );
  const limits = lines.filter((line) =>
    /\b(timeout|interruptAfterTimeLimit): |\.test\.ts: \}, [\w*_ ]+\);$/.test(line),
  );
  expect(limits.length).toBeGreaterThan(20);
  expect(limits.filter((line) => !line.includes('paced('))).toEqual([]);
  // A time that was measured is compared with a limit that follows the machine too.
  const judged = lines.filter((line) => /(performance\.now\(\)|\bseconds|\btrips\b).*\.toBeLessThan\(/.test(line));
  expect(judged.length).toBeGreaterThan(5);
  expect(judged.filter((line) => !line.includes('pacedNow('))).toEqual([]);
});
