/** Which names are refused where STRICT is on, a test for each way to deceive who reads them. */
import { describe, expect, it } from 'vitest';
import { nameProblem, withoutByteOrderMark } from '../../../src/protocol/strict/strict-name.ts';

const problem = (name: string) => nameProblem(Buffer.from(name));

describe('a name is refused', () => {
  it('that is empty', () => {
    expect(problem('')).toBe('it is empty');
  });

  it.each([
    ['NUL', '\u0000'],
    ['TAB', '\t'],
    ['LF', '\n'],
    ['CR', '\r'],
    ['ESC', '\u001b'],
    ['BEL', '\u0007'],
    ['BS', '\b'],
    ['DEL', '\u007f'],
    ['NEL', '\u0085'],
    ['CSI', '\u009b'],
    ['the line separator', '\u2028'],
    ['the paragraph separator', '\u2029'],
  ])('with %s in it, at its beginning, or at its end', (_what, character) => {
    const names = [`bo${character}b`, `${character}bob`, `bob${character}`, character];
    expect(names.map(problem)).toEqual(names.map(() => 'it has a control character or a line separator in it'));
  });

  it.each([
    ['the soft hyphen', '\u00ad'],
    ['the zero-width space', '\u200b'],
    ['the zero-width joiner', '\u200d'],
    ['the left-to-right mark', '\u200e'],
    ['the right-to-left override', '\u202e'],
    ['an isolate', '\u2067'],
    ['the word joiner', '\u2060'],
    ['the byte order mark', '\ufeff'],
    ['an Arabic format character', '\u0600'],
    ['a tag', '\u{e0041}'],
    ['the combining grapheme joiner', '\u034f'],
    ['the Hangul filler', '\u3164'],
    ['a variation selector', '\ufe0f'],
    ['the blank of Braille', '\u2800'],
  ])('with %s in it', (_what, character) => {
    const names = [`bo${character}b`, `bob${character}`];
    expect(names.map(problem)).toEqual(names.map(() => 'it has an invisible or a direction character in it'));
  });

  it.each([
    ['private use', '\ue000'],
    ['private use of another plane', '\u{10fffd}'],
    ['no character', '\uffff'],
    ['what is not assigned', '\u{2fe0}'],
  ])('with a character of %s in it', (_what, character) => {
    expect(problem(`bo${character}b`)).toBe('it has a character in it that Unicode does not assign');
  });

  it.each([' ', '\u00a0', '\u1680', '\u2003', '\u3000'])('with white space %j at an end', (space) => {
    expect([problem(`${space}bob`), problem(`bob${space}`), problem(space)]).toEqual(
      Array(3).fill('it has white space at an end'),
    );
  });

  it.each(['bob: pay mallory', ':', 'a,b', ','])('that could not be written to: %j', (name) => {
    expect(problem(name)).toBe('it has a comma or a colon in it');
  });

  it.each([
    ['* bob is away', '* '],
    ['/help', '/'],
    ['{"type"}', '{'],
  ])('that begins as something else does: %j', (name, beginning) => {
    expect(problem(name)).toBe(`it begins with "${beginning}"`);
  });

  it.each(['e\u0301', '\u212b', '\u1112\u1161\u11ab', 'e\u0323\u0307\u0301'])('that is not in NFC: %j', (name) => {
    expect(problem(name)).toBe('it is not in Unicode normal form C (NFC)');
    expect(problem(name.normalize('NFC'))).toBeUndefined();
  });
});

it.each([
  'bob',
  'a b',
  '*',
  '*bob',
  '~x',
  'é',
  '北京',
  'Ελλάδα',
  'عربي',
  'नमस्ते',
  '한국',
  '👍',
  '__proto__',
  'a/b',
  '}',
])('%j is a name', (name) => {
  expect(problem(name)).toBeUndefined();
});

it('one byte order mark at the start is no part of the name', () => {
  expect(withoutByteOrderMark(Buffer.from('\ufeffbob')).toString()).toBe('bob');
  expect(withoutByteOrderMark(Buffer.from('\ufeff\ufeffbob')).toString()).toBe('\ufeffbob');
  expect(withoutByteOrderMark(Buffer.from('b\ufeffob')).toString()).toBe('b\ufeffob');
  expect(withoutByteOrderMark(Buffer.from([0xef, 0xbb])).length).toBe(2);
});
