/** The metrics as a table: docs/HTTP.md has each, and their names are as Prometheus wants them. */
import { describe, expect, it } from 'vitest';
import { FAMILIES as families } from '../../../../src/http/metrics/metrics.ts';
import { DURATION_BOUNDS_SECONDS, DurationCounts } from '../../../../src/shared/wire/port/durations.ts';
import { textOf } from '../../../helpers/project.ts';

describe('docs/HTTP.md', () => {
  it('has every metric with its kind and its labels, and no other', () => {
    const told = [...textOf('docs/HTTP.md').matchAll(/^\| `(restante_\w+)` \| (\w+) \| (.*?) ?\|/gm)];
    const rows = told.map(([, name, kind, labels = '']) => `${name} ${kind} ${labels.replace(/[`,]/g, '')}`.trim());
    const own = families.map(({ name, kind, labels }) => `${name} ${kind} ${labels.join(' ')}`.trim());
    expect(rows).toEqual([...own, 'restante_store_state gauge state', 'restante_http_sessions gauge use']);
  });
});

describe('a metric', () => {
  it('has a unit that is a base unit, and a counter ends in _total', () => {
    for (const { name, kind } of families) {
      expect(name).not.toMatch(/_(ms|milliseconds|kib|percent)\b/);
      expect([name, name.endsWith('_total')]).toEqual([name, kind === 'counter']);
    }
  });
});

describe('durations', () => {
  it('are counted at the first bound that they do not pass', () => {
    const durations = new DurationCounts();
    for (const ms of [-1, 0, 0.5, 0.6, 10_000, 10_001]) durations.add(ms);
    const expected = DURATION_BOUNDS_SECONDS.map((bound) => ({ 0.0005: 3, 0.001: 1, 10: 1 })[bound as number] ?? 0);
    expect(durations.now.counts).toEqual([...expected, 1]);
    expect(durations.now.sumSeconds).toBeCloseTo(20.0021, 6);
  });
});
