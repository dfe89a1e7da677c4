/** Documents that are made from the table of settings: `restante config docs` prints what stands in them. */
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { exampleToml, settingsTable } from '../../../src/shared/common/config/docs.ts';
import { readToml } from '../../../src/shared/common/config/toml.ts';
import { SETTINGS } from '../../../src/shared/common/config.ts';
import { textOf } from '../../helpers/project.ts';

describe('docs/OPERATIONS.md', () => {
  it('has the table of all settings as the command prints it', () => {
    expect(textOf('docs/OPERATIONS.md')).toContain(`\n\n${settingsTable()}\n\n`);
  });

  it('shows a file that can be read', () => {
    const [, shown = ''] = /```toml\n([\s\S]*?)```/.exec(textOf('docs/OPERATIONS.md')) ?? [];
    const reading = readToml(shown);
    expect(reading.valid && reading.entries.filter(({ name }) => !Object.hasOwn(SETTINGS, name))).toEqual([]);
  });
});

describe('examples/operations/restante.toml', () => {
  const text = textOf('examples/operations/restante.toml');

  it('is as the command prints it, and sets nothing', () => {
    expect(text).toBe(exampleToml());
    expect(parse(text)).toEqual({});
  });

  it('sets every setting to its default once the marks are gone', () => {
    const values = parse(text.replace(/^#(?=[A-Z_]+ = )/gm, ''));
    expect(Object.keys(values)).toEqual(Object.keys(SETTINGS));
    const shown = ([name, value]: [string, unknown]) => [name, Array.isArray(value) ? 'none' : String(value)];
    const defaults = Object.entries(SETTINGS).map(([name, { fallback }]) => [name, name === 'SHARDS' ? '1' : fallback]);
    expect(Object.entries(values).map(shown)).toEqual(defaults);
  });
});
