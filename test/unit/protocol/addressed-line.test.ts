import { describe, expect, it } from 'vitest';
import { AddressedLine, isAddressable, trimEnd, trimStart } from '../../../src/protocol/plain/addressed-line.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { hashName, shardOf } from '../../../src/shared/common/name-hash.ts';
import { lineOf } from '../../helpers/unit/lines.ts';

function split(text: string, shards = 1): { to: string[]; body: string; line: AddressedLine } | undefined {
  // The line stands in the middle of a chunk whose other bytes would change the answer.
  const bytes = Buffer.from(`, :${text}\u00a0:, `);
  const line = new AddressedLine(new HashPlacement(shards));
  if (line.split({ ...lineOf(bytes, 3), end: bytes.length - 5 }) !== 'split') return undefined;
  const part = (from: number | undefined, to: number | undefined) => bytes.subarray(from, to).toString();
  const to = Array.from({ length: line.count }, (_, i) => part(line.starts[i], line.ends[i]));
  return { to, body: part(line.bodyStart, line.bodyEnd), line };
}

function trimmed(text: string): string {
  const bytes = Buffer.from(text);
  const start = trimStart(bytes, 0, bytes.length);
  return bytes.subarray(start, trimEnd(bytes, start, bytes.length)).toString();
}

describe('a line is split', () => {
  it('at its first colon only', () => {
    expect(split('bob: at 10:30, or 11:00')).toMatchObject({ to: ['bob'], body: 'at 10:30, or 11:00' });
  });

  it('at each comma before it', () => {
    expect(split('bob,eve , zed:hi')?.to).toEqual(['bob', 'eve', 'zed']);
  });

  it('and every part is trimmed, inside of which white space stays', () => {
    expect(split('\t bob \u2003 smith ,\u0085eve\u3000:\u00a0 hi  there \u2028')).toMatchObject({
      to: ['bob \u2003 smith', 'eve'],
      body: 'hi  there',
    });
  });

  it('into empty destinations where nothing stands between the commas', () => {
    expect(split(' ,, :hi')?.to).toEqual(['', '', '']);
    expect(split(':hi')?.to).toEqual(['']);
  });

  it('into an empty message where nothing follows the colon', () => {
    expect(split('bob:')?.body).toBe('');
    expect(split('bob: \u3000 ')?.body).toBe('');
  });

  it('with a destination given twice twice in it', () => {
    expect(split('bob,bob: hi')?.to).toEqual(['bob', 'bob']);
  });

  it('into 100,000 destinations', () => {
    const names = Array.from({ length: 100_000 }, (_, i) => `name-${i}`);
    const found = split(`${names.join(',')}: hi`, 3);
    expect(found?.to).toEqual(names);
    const shards = names.map((name) => shardOf(hashName(Buffer.from(name)), 3));
    expect([...(found?.line.shards.subarray(0, names.length) ?? [])]).toEqual(shards);
  });

  it('and each destination is given the shard of its trimmed name', () => {
    const line = split(' bob ,eve: hi', 7)?.line;
    const expected = ['bob', 'eve'].map((name) => shardOf(hashName(Buffer.from(name)), 7));
    expect([line?.shards[0], line?.shards[1]]).toEqual(expected);
  });
});

describe('a line without a colon', () => {
  it.each(['', 'bob', 'bob, eve', '/command', ','])('says nothing to anybody: %j', (text) => {
    expect(split(text)).toBeUndefined();
  });

  it('is not saved by a colon behind its end', () => {
    const bytes = Buffer.from('bob\n:eve');
    expect(new AddressedLine(new HashPlacement(1)).split({ ...lineOf(bytes), end: 3 })).toBe('no colon');
  });

  it('does not keep the destinations of the line before', () => {
    const line = new AddressedLine(new HashPlacement(1));
    line.split(lineOf(Buffer.from('a,b,c:hi')));
    line.split(lineOf(Buffer.from('d:hi')));
    expect(line.count).toBe(1);
  });
});

describe('trimming', () => {
  const codePoints = Array.from({ length: 0x11_0000 }, (_, code) => code).filter(
    (code) => code < 0xd800 || code > 0xdfff,
  );

  it("takes each character of Unicode's White_Space from both ends, and no other of all there are", () => {
    const wrong = codePoints.filter((code) => {
      const character = String.fromCodePoint(code);
      return (trimmed(`${character}x${character}`) === 'x') !== /\p{White_Space}/u.test(character);
    });
    expect(wrong).toEqual([]);
  });

  it.each([
    ['U+FEFF, which JavaScript trims', '\uFEFF'],
    ['U+200B', '\u200B'],
    ['U+180E', '\u180E'],
    ['U+2060', '\u2060'],
  ])('leaves %s', (_what, character) => {
    expect(trimmed(`${character}x${character}`)).toBe(`${character}x${character}`);
  });

  it('takes U+0085, which JavaScript does not trim', () => {
    expect(trimmed('\u0085x\u0085')).toBe('x');
  });

  it('takes mixed runs, and all of what is white space only', () => {
    expect(trimmed(' \u3000\u0085\u2028x y\u205f\r\n\t\u1680')).toBe('x y');
    expect(trimmed(' \u3000\u00a0\u2003')).toBe('');
  });

  it('does not look before its start or behind its end', () => {
    const bytes = Buffer.from('\u2003\u2003');
    expect(trimStart(bytes, 0, 2)).toBe(0);
    expect(trimEnd(bytes, 1, 3)).toBe(3);
    expect(trimEnd(bytes, 2, 3)).toBe(3);
  });
});

describe('a name', () => {
  it.each(['bob', '', 'bob smith', '__proto__', '\0', '\uFEFF', '~probe'])('can be written to: %j', (name) => {
    expect(isAddressable(Buffer.from(name))).toBe(true);
  });

  it.each([' bob', 'bob ', 'a,b', 'a:b', '\u0085', 'bob\r'])('cannot be written to: %j', (name) => {
    expect(isAddressable(Buffer.from(name))).toBe(false);
  });
});
