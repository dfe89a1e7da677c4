import { describe, expect, it } from 'vitest';
import {
  MAX_PATTERN_BYTES,
  MAX_PATTERNS,
  NamePatterns,
  patternProblem,
} from '../../../../src/session/auth/patterns.ts';

const covers = (patterns: readonly string[], name: string) => new NamePatterns(patterns).cover(Buffer.from(name));

describe('patterns', () => {
  it.each([
    ['alice', 'alice', true],
    ['alice', 'alice2', false],
    ['alice', 'Alice', false],
    ['alice', 'alic', false],
    ['team-*', 'team-', true],
    ['team-*', 'team-red', true],
    ['team-*', 'team', false],
    ['team-*', 'Team-red', false],
    ['*', 'anybody', true],
    ['*', '', true],
    ['zo\u0065\u0308', 'zo\u00eb', true], // a pattern is brought to NFC, as names are
    ['zo\u00eb', 'zoe\u0308', false],
    ['\u00eb*', '\u00ebva', true],
  ])('(%s) of %s: %s', (pattern, name, expected) => {
    expect(covers([pattern], name)).toBe(expected);
  });

  it('cover what one of them does, and nothing if there are none', () => {
    expect(['a', 'b1', 'c'].map((name) => covers(['a', 'b*'], name))).toEqual([true, true, false]);
    expect(covers([], 'a')).toBe(false);
  });

  it('look at a part of the bytes', () => {
    const line = Buffer.from('eve, bob: x');
    expect(new NamePatterns(['bob']).cover(line, 5, 8)).toBe(true);
    expect(new NamePatterns(['bob']).cover(line, 4, 8)).toBe(false);
    expect(new NamePatterns(['bob*']).cover(line, 5, 7)).toBe(false);
  });

  it('know when nothing has to be looked at', () => {
    expect([['*'], ['a', '*'], ['a*'], []].map((texts) => new NamePatterns(texts).coverAll)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });

  it('have these problems', () => {
    expect(['', 'a*b', '**', 'a,b', 'a:b', ' a', 'a\n', 'x'.repeat(MAX_PATTERN_BYTES + 1)].map(patternProblem)).toEqual(
      Array.from({ length: 8 }, () => expect.any(String)),
    );
    expect(['*', 'a b', 'x'.repeat(MAX_PATTERN_BYTES)].map(patternProblem)).toEqual([undefined, undefined, undefined]);
    expect(MAX_PATTERNS).toBe(64);
  });
});
