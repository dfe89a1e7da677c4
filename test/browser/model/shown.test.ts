/** Text of others, as it is shown. */
import { expect, it } from 'vitest';
import { shownName, shownText } from '../../../src/http/page/browser/parts/shown.ts';

it('shows control characters as pictures, and what turns the direction by its number', () => {
  expect(shownText('a\u0007b\u007fc\u0085d')).toBe('a\u2407b\u2421c[U+0085]d');
  expect(shownText('\u202egpj.exe\u2028x')).toBe('[U+202E]gpj.exe[U+2028]x');
});

it('leaves lines, tabs, and the marks of languages as they are', () => {
  expect(shownText('a\r\nb\tc')).toBe('a\nb\tc');
  expect(shownText('שלום\u200f \u2067x\u2069 👩\u200d🚒')).toBe('שלום\u200f \u2067x\u2069 👩\u200d🚒');
});

it('shows in a name all that cannot be seen, too', () => {
  expect(shownName('bo\u200bb\u200f\ufeff')).toBe('bo[U+200B]b[U+200F][U+FEFF]');
  expect(shownName('Zoë 李')).toBe('Zoë 李');
});
