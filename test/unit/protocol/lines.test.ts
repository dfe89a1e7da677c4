import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../src/protocol/plain/line-reader.ts';
import { Arena } from '../../../src/shared/memory/arena.ts';
import { HAS_CONTROL } from '../../../src/shared/memory/look.ts';
import type { Memory } from '../../../src/shared/memory/memory.ts';
import { lineAt, readLines, workOff } from '../../helpers/unit/lines.ts';

const read = (text: string, maxBytes = 100) => readLines([Buffer.from(text)], maxBytes);
const INVALID = Buffer.from([0x61, 0xc3, 0x28]);
const LF = Buffer.from('\n');

describe('the end of a line', () => {
  it('is LF', () => {
    expect(read('one\ntwo\n').lines).toEqual(['one', 'two']);
  });

  it('is CRLF, of which only one CR belongs to it', () => {
    expect(read('one\r\ntwo\r\r\n').lines).toEqual(['one', 'two\r']);
  });

  it('is not a CR alone, nor one elsewhere', () => {
    expect(read('o\rne\n\rtwo\n').lines).toEqual(['o\rne', '\rtwo']);
  });

  it('may follow nothing at all', () => {
    expect(read('\n\r\n\n').lines).toEqual(['', '', '']);
  });

  it('is also the end of the stream', () => {
    expect(read('one\ntwo').lines).toEqual(['one', 'two']);
  });

  it('leaves no empty line at the end of the stream', () => {
    expect(read('one\n').lines).toEqual(['one']);
    expect(read('').lines).toEqual([]);
  });

  it('keeps a CR that stands alone before the end of the stream', () => {
    expect(read('one\r').lines).toEqual(['one\r']);
    expect(read('\r').lines).toEqual(['\r']);
  });

  it('may be cut between CR and LF', () => {
    expect(readLines([Buffer.from('one\r'), Buffer.from('\ntwo\n')], 100).lines).toEqual(['one', 'two']);
  });
});

describe('the limit of a line', () => {
  it.each(['abcd\n', 'abcd\r\n', 'abcd'])('lets %j pass at exactly the limit', (text) => {
    expect(read(text, 4)).toEqual({ lines: ['abcd'], end: 'more' });
  });

  it.each(['abcde\n', 'abcde\r\n', 'abcde', 'abcd\r\r\n', 'abcd\r'])('refuses %j, one byte more', (text) => {
    expect(read(text, 4)).toEqual({ lines: [], end: 'too long' });
  });

  it.each([
    ['abcd\r', '\n'],
    ['ab', 'cd', '\r\n'],
    ['abcd', '\r', '\n'],
  ])('lets a CRLF follow a line at the limit, cut as %j %j', (...pieces) => {
    const chunks = pieces.map((piece) => Buffer.from(piece));
    expect(readLines(chunks, 4)).toEqual({ lines: ['abcd'], end: 'more' });
  });

  it('refuses what follows a CR past the limit', () => {
    expect(readLines([Buffer.from('abcd\r'), Buffer.from('e\n')], 4).end).toBe('too long');
  });

  it('ends a line without an end as soon as it is too long', () => {
    const reader = new LineReader(4);
    reader.feed(Buffer.from('abc'));
    expect(reader.nextLine()).toBe('more');
    reader.feed(Buffer.from('de'));
    expect(reader.nextLine()).toBe('too long');
  });

  it('refuses a long line that came in many pieces without growing with it', () => {
    const reader = new LineReader(10);
    const results = Array.from({ length: 1000 }, () => {
      reader.feed(Buffer.alloc(1000, 'x'));
      return reader.nextLine();
    });
    expect(new Set(results)).toEqual(new Set(['too long']));
    reader.feed(LF);
    expect(reader.nextLine()).toBe('too long');
  });

  it('counts bytes, not characters', () => {
    expect(read('éé\n', 4).lines).toEqual(['éé']);
    expect(read('éé\n', 3).end).toBe('too long');
  });

  it('finds the lines before the one that is too long', () => {
    expect(read('one\ntwo\nthree\n', 4)).toEqual({ lines: ['one', 'two'], end: 'too long' });
  });

  it('of zero bytes takes an empty line only', () => {
    expect(read('\n\r\nx\n', 0)).toEqual({ lines: ['', ''], end: 'too long' });
  });
});

describe('a limit that changes between two lines', () => {
  it('holds for the next line of the same chunk', () => {
    const reader = new LineReader(3);
    reader.feed(Buffer.from('bob\nlonger than a name\n'));
    expect(reader.nextLine()).toBe('line');
    reader.limit(20);
    const lines = [lineAt(reader)];
    expect(workOff(reader, lines)).toBe('more');
    expect(lines).toEqual(['bob', 'longer than a name']);
  });

  it('holds for a line that comes later, and is a limit still', () => {
    const reader = new LineReader(3);
    reader.feed(Buffer.from('bob\n1234'));
    expect(reader.nextLine()).toBe('line');
    reader.limit(5);
    expect(reader.nextLine()).toBe('more');
    reader.feed(Buffer.from('56\n'));
    expect(reader.nextLine()).toBe('too long');
  });
});

describe('bytes that are no UTF-8', () => {
  it('end the stream in its first line', () => {
    expect(readLines([Buffer.concat([INVALID, LF, Buffer.from('two\n')])], 100)).toEqual({
      lines: [],
      end: 'not utf-8',
    });
  });

  it('end it in the middle, and the lines before are found', () => {
    const stream = Buffer.concat([Buffer.from('one\ntwo\n'), INVALID, Buffer.from('\nfour\n')]);
    expect(readLines([stream], 100)).toEqual({ lines: ['one', 'two'], end: 'not utf-8' });
  });

  it('end it in a last line without LF', () => {
    expect(readLines([Buffer.concat([Buffer.from('one\n'), INVALID])], 100)).toEqual({
      lines: ['one'],
      end: 'not utf-8',
    });
  });

  it('end it in a line that came in two pieces', () => {
    const end = Buffer.concat([INVALID.subarray(2), Buffer.from('\nthree\n')]);
    expect(readLines([Buffer.from('one\n'), INVALID.subarray(0, 2), end], 100)).toEqual({
      lines: ['one'],
      end: 'not utf-8',
    });
  });

  it('end it in a line behind one that came in two pieces', () => {
    const end = Buffer.concat([Buffer.from('e\n'), INVALID, LF]);
    expect(readLines([Buffer.from('on'), end], 100)).toEqual({ lines: ['one'], end: 'not utf-8' });
  });

  it('are a character that a line end cuts in two, though the halves are whole without it', () => {
    expect(readLines([Buffer.from([0xc3, 0x0a, 0xa9, 0x0a])], 100)).toEqual({ lines: [], end: 'not utf-8' });
  });

  it.each([
    ['a surrogate', [0xed, 0xa0, 0x80]],
    ['a longer form than needed', [0xc0, 0xaf]],
    ['past U+10FFFF', [0xf4, 0x90, 0x80, 0x80]],
  ])('include %s', (_what, bytes) => {
    expect(readLines([Buffer.from([...bytes, 0x0a])], 100).end).toBe('not utf-8');
  });
});

describe('a character of several bytes', () => {
  it('may be cut between two chunks', () => {
    const bytes = Buffer.from('a€😀b\n');
    const cuts = Array.from(bytes.keys(), (at) => readLines([bytes.subarray(0, at), bytes.subarray(at)], 100));
    expect(new Set(cuts.map(({ lines, end }) => `${lines.join('|')} ${end}`))).toEqual(new Set(['a€😀b more']));
  });

  it('may be a byte order mark, which is part of the line', () => {
    expect(read('\uFEFFone\n').lines).toEqual(['\uFEFFone']);
  });
});

describe('a reader', () => {
  it('gives what is left of its chunk to who asks, as a copy, and goes on with the next', () => {
    const reader = new LineReader(10);
    const chunk = Buffer.from('one\ntwo\nth');
    reader.feed(chunk);
    expect(reader.nextLine()).toBe('line');
    const rest = reader.takeRest();
    chunk.fill('x');
    expect([rest.toString(), reader.nextLine(), reader.takeRest().length]).toEqual(['two\nth', 'more', 0]);
    reader.feed(rest);
    expect([reader.nextLine(), lineAt(reader)]).toEqual(['line', 'two']);
  });

  it('asked again after its chunk is worked off says so again', () => {
    const reader = new LineReader(10);
    reader.feed(Buffer.from('one\ntw'));
    expect([reader.nextLine(), reader.nextLine(), reader.nextLine()]).toEqual(['line', 'more', 'more']);
    reader.feed(Buffer.from('o\n'));
    expect(reader.nextLine()).toBe('line');
    expect(lineAt(reader)).toBe('two');
  });

  it('does not keep bytes of a chunk that its caller may use again', () => {
    const reader = new LineReader(10);
    const chunk = Buffer.from('one');
    reader.feed(chunk);
    expect(reader.nextLine()).toBe('more');
    chunk.fill('x');
    expect(reader.lastLine()).toBe('line');
    expect(lineAt(reader)).toBe('one');
  });

  it('tells its last line once', () => {
    const reader = new LineReader(10);
    reader.feed(Buffer.from('one'));
    reader.nextLine();
    expect([reader.lastLine(), reader.lastLine()]).toEqual(['line', 'more']);
  });
});

describe('what may be in a line', () => {
  const found = (pieces: readonly string[], home?: Memory) => {
    const reader = new LineReader(100, home);
    const lines: [string, number][] = [];
    for (const piece of pieces) {
      const chunk = home === undefined ? Buffer.from(piece) : Buffer.from(home.buffer, 128, piece.length);
      chunk.write(piece, 'latin1');
      reader.feed(chunk);
      while (reader.nextLine() === 'line') lines.push([lineAt(reader), reader.found]);
    }
    if (reader.lastLine() === 'line') lines.push([lineAt(reader), reader.found]);
    return lines;
  };

  it.each([undefined, new Arena(1_024).memory])('is said of all lines of a piece', (home) => {
    expect(found(['a\nb\r\n\tc\n'], home)).toEqual([
      ['a', 0],
      ['b', 0],
      ['\tc', 0],
    ]);
    expect(found(['a\nb\u001b\n', 'c\n'], home)).toEqual([
      ['a', HAS_CONTROL],
      ['b\u001b', HAS_CONTROL],
      ['c', 0],
    ]);
  });

  it('is also what is in the pieces before that it began in, and nothing longer', () => {
    expect(found(['x\n\u0007', 'a', 'b\nc', 'd\ne\n'])).toEqual([
      ['x', HAS_CONTROL],
      ['\u0007ab', HAS_CONTROL],
      ['cd', 0],
      ['e', 0],
    ]);
    expect(found(['x\ny\u0007', 'z'])).toEqual([
      ['x', HAS_CONTROL],
      ['y\u0007z', HAS_CONTROL],
    ]);
  });

  it('is still known when it is kept', () => {
    const reader = new LineReader(100);
    const chunk = Buffer.from('a\nb\u001b\n');
    reader.feed(chunk);
    reader.nextLine();
    reader.keep();
    chunk.fill(LF);
    expect([reader.nextLine(), lineAt(reader), reader.found]).toEqual(['line', 'b\u001b', HAS_CONTROL]);
  });
});

describe('a line that ends the session', () => {
  it.each([
    ['not utf-8', [Buffer.from('ok\nG\xff\n', 'latin1')]],
    ['not utf-8', [Buffer.from('ok\nG\xff', 'latin1'), Buffer.from('\n')]],
    ['too long', [Buffer.from(`ok\nG${'x'.repeat(100)}\n`)]],
    ['too long', [Buffer.from('ok\nG'), Buffer.alloc(300, 'x')]],
  ])('as %s can be looked at from its beginning', (why, pieces) => {
    const reader = new LineReader(100);
    let last = '';
    for (const piece of pieces) {
      reader.feed(piece);
      do last = reader.nextLine();
      while (last === 'line');
    }
    expect([last, reader.bytes[reader.start]]).toEqual([why, 'G'.charCodeAt(0)]);
  });
});
