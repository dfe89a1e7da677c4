import { describe, expect, it } from 'vitest';
import { counted, escaped, isoTime } from '../../../src/shared/common/text.ts';

describe('text that is shown', () => {
  it.each([
    ['plain', 'plain'],
    ['Grüße 👋🏽 日本', 'Grüße 👋🏽 日本'],
    ['a\nb\r\tc', 'a\\nb\\r\\tc'],
    ['\x1b[31mred\x7f', '\\x1b[31mred\\x7f'],
    ['\u0085\u2028\u202eevil', '\\x85\\u2028\\u202eevil'],
  ])('%j is %s', (text, shown) => {
    expect(escaped(text)).toBe(shown);
  });
});

describe('numbers and times', () => {
  it('are said as people write them', () => {
    expect([counted(1, 'name'), counted(0, 'name'), counted(12_345, 'entry', 'entries')]).toEqual([
      '1 name',
      '0 names',
      '12,345 entries',
    ]);
    expect(isoTime(Date.UTC(2040, 0, 2, 3, 4, 5) / 1000)).toBe('2040-01-02T03:04:05Z');
  });
});
