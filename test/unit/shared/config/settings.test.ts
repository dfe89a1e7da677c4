/** The settings in force: what changes them, all or nothing. */
import { describe, expect, it } from 'vitest';
import { Settings, shownValue, takenText } from '../../../../src/shared/common/config/settings.ts';
import { readConfig, wrongValue } from '../../../../src/shared/common/config.ts';

const before = readConfig({ PORT: '1', LOG_LEVEL: 'info' });

describe('new settings', () => {
  it('are in force where they can be, and the rest is told', async () => {
    const settings = new Settings(before);
    const next = readConfig({ PORT: '2', LOG_LEVEL: 'debug', MAX_NAMES: 'unlimited' });
    const changes = await settings.take(next);
    expect(changes).toEqual({
      changed: [
        { name: 'MAX_NAMES', from: '1000000', to: 'unlimited' },
        { name: 'LOG_LEVEL', from: 'info', to: 'debug' },
      ],
      needsRestart: [{ name: 'PORT', from: '1', to: '2' }],
    });
    expect(settings.current).toEqual({ ...next, PORT: 1 });
    expect(Object.isFrozen(settings.current)).toBe(true);
    expect(takenText(changes ?? { changed: [], needsRestart: [] })).toBe(
      'the settings were read again: MAX_NAMES from 1000000 to unlimited, LOG_LEVEL from info to debug; ' +
        'after a restart: PORT from 1 to 2',
    );
    // What needs a restart is told until that.
    expect(await settings.take(next)).toMatchObject({ changed: [], needsRestart: [{ name: 'PORT' }] });
  });

  it('that are the same change nothing', async () => {
    const changes = await new Settings(before).take(readConfig({ PORT: '1' }));
    expect(changes).toEqual({ changed: [], needsRestart: [] });
    expect(takenText({ changed: [], needsRestart: [] })).toContain('nothing has changed');
  });

  it('are taken by every part, or by none', async () => {
    const settings = new Settings(before);
    const steps: string[] = [];
    let fails = true;
    settings.add({ prepare: (next) => () => void steps.push(`${next.LOG_LEVEL} of ${settings.current.LOG_LEVEL}`) });
    settings.add({
      prepare: async () => {
        if (fails) throw new Error('no such certificate');
        return () => void steps.push('late');
      },
    });
    const next = readConfig({ PORT: '1', LOG_LEVEL: 'warn' });
    await expect(settings.take(next)).rejects.toThrow('no such certificate');
    expect([settings.current, steps]).toEqual([before, []]);
    fails = false;
    expect(await settings.take(next, () => false)).toBeUndefined();
    expect([settings.current, steps]).toEqual([before, []]);
    await settings.take(next);
    expect([settings.current.LOG_LEVEL, steps]).toEqual(['warn', ['warn of warn', 'late']]);
  });
});

describe('a value', () => {
  it('is shown as an operator writes it, unless it is secret', () => {
    const { HTTP_ORIGINS } = readConfig({ HTTP_ORIGINS: 'https://a, http://b' });
    const values = [HTTP_ORIGINS, [], Number.POSITIVE_INFINITY, 0.5, 'on'].map((value) => {
      return shownValue({ secret: false }, value);
    });
    expect(values).toEqual(['https://a,http://b', 'none', 'unlimited', '0.5', 'on']);
    expect(shownValue({ secret: true }, 'hush')).toBe('(secret)');
    expect(wrongValue('TOKEN', undefined, 'a token')).toBe('TOKEN must be a token');
  });
});
