/** The bodies of programs as texts, whole and cut anywhere. */
import { expect, it } from 'vitest';
import { shownText } from '../../../src/protocol/shown-text.ts';

it('a text is shown as it is, and any other JSON as it was written', () => {
  expect(shownText('"a \\"b\\"\\n\\u00e9"', false)).toBe('a "b"\né');
  expect(shownText('{"any": 1}', false)).toBe('{"any": 1}');
  expect(shownText('not JSON', false)).toBe('not JSON');
});

it('a text that is cut anywhere is shown up to there', () => {
  const whole = 'a\\"\n\u0001é😀 end';
  const json = JSON.stringify(whole).replace('😀', '\\ud83d\\ude00');
  for (let end = 1; end < json.length; end++) {
    const shown = shownText(json.slice(0, end), true).replace(/\ud83d$/, '');
    expect(whole.startsWith(shown), `${end}: ${shown}`).toBe(true);
  }
});
