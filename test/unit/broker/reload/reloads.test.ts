/** Reloads on paper: one at a time, and none that a part has refused. */
import { describe, expect, it } from 'vitest';
import { Reloads } from '../../../../src/broker/reload/reloads.ts';
import { ConfigError } from '../../../../src/shared/common/config/problems.ts';
import { Settings } from '../../../../src/shared/common/config/settings.ts';
import { type Config, readConfig } from '../../../../src/shared/common/config.ts';
import type { Log } from '../../../../src/shared/common/log/log.ts';

/** Reloads of a broker on paper, whose reads end when the test wants. */
function paper() {
  const said: string[] = [];
  const state = { reads: 0, stopping: false };
  const waiting: { resolve: (config: Config) => void; reject: (error: Error) => void }[] = [];
  const line = (_fields: unknown, text?: string) => void said.push(text ?? String(_fields));
  const settings = new Settings(readConfig({}));
  const reloads = new Reloads({
    settings,
    log: { info: line, warn: line } as unknown as Log,
    read: () => {
      state.reads++;
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    isStopping: () => state.stopping,
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const answer = async (env: Record<string, string>) => {
    waiting.shift()?.resolve(readConfig(env));
    await turn();
  };
  return { settings, reloads, said, state, waiting, turn, answer };
}

describe('a reload', () => {
  it('that is asked for while one runs is the next one, and one for all who ask', async () => {
    const { settings, reloads, state, turn, answer } = paper();
    const first = reloads.reload();
    await turn();
    const later = Array.from({ length: 100 }, () => reloads.reload());
    await turn();
    expect(state.reads).toBe(1);
    await answer({ LOG_LEVEL: 'debug' });
    expect(await first).toMatchObject({ kind: 'taken', changed: [{ to: 'debug' }] });
    expect(state.reads).toBe(2);
    await answer({ LOG_LEVEL: 'warn' });
    for (const outcome of await Promise.all(later)) expect(outcome).toMatchObject({ changed: [{ to: 'warn' }] });
    expect([state.reads, settings.current.LOG_LEVEL]).toEqual([2, 'warn']);
  });

  it('that fails changes nothing, is told, and is no end of reloads', async () => {
    const { settings, reloads, said, waiting, turn, answer } = paper();
    const before = reloads.figures.succeededAt;
    const failed = reloads.reload();
    await turn();
    const problems = [{ file: 'r.toml', place: { line: 1, column: 8 }, text: 'PORT is x' }, { text: 'HOST is y' }];
    waiting.shift()?.reject(new ConfigError(problems));
    expect(await failed).toEqual({ kind: 'wrong', problems });
    expect(said).toEqual(['the settings stay as they are: r.toml:1:8: PORT is x (and 1 more)']);
    expect(reloads.figures).toEqual({ successful: false, succeededAt: before });
    expect(settings.current).toEqual(readConfig({}));
    const next = reloads.reload();
    await turn();
    await answer({});
    expect(await next).toEqual({ kind: 'taken', changed: [], needsRestart: [] });
    expect(reloads.figures.successful).toBe(true);
    expect(reloads.figures.succeededAt).toBeGreaterThanOrEqual(before);
  });

  it('that a part cannot take is wrong, in the words of the part', async () => {
    const { settings, reloads, turn, answer } = paper();
    settings.add({ prepare: () => Promise.reject(new Error('TLS_CERT is no certificate')) });
    const failed = reloads.reload();
    await turn();
    await answer({ LOG_LEVEL: 'debug' });
    expect(await failed).toEqual({ kind: 'wrong', problems: [{ text: 'TLS_CERT is no certificate' }] });
    expect(settings.current.LOG_LEVEL).toBe('info');
  });

  it('is not made while the broker stops, also if the stop came in the middle', async () => {
    const { settings, reloads, state, turn, answer } = paper();
    const cut = reloads.reload();
    await turn();
    state.stopping = true;
    await answer({ LOG_LEVEL: 'debug' });
    expect(await cut).toEqual({ kind: 'stopping' });
    expect(await reloads.reload()).toEqual({ kind: 'stopping' });
    expect([state.reads, settings.current.LOG_LEVEL]).toEqual([1, 'info']);
    expect(reloads.figures.successful).toBe(true);
  });
});
