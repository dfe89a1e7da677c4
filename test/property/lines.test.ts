import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressedLine, trimEnd, trimStart } from '../../src/protocol/plain/addressed-line.ts';
import { HashPlacement } from '../../src/router/placement.ts';
import { paced } from '../helpers/pace/pace.ts';
import { cutAt, lineOf, naiveLines, naiveSplit, naiveTrim, readLines } from '../helpers/unit/lines.ts';

const LIMIT_MS = 3000;
const budget = { numRuns: 2000, interruptAfterTimeLimit: paced(LIMIT_MS) };

/** Text with what matters to a codec far more often than chance would bring it. */
const unit = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'é', '€', '😀') },
  { weight: 3, arbitrary: fc.constantFrom('\n', '\r', '\r\n', ':', ',', ' ', '\t') },
  { weight: 2, arbitrary: fc.constantFrom('\u0085', '\u00a0', '\u2003', '\u202f', '\u3000', '\uFEFF', '\u200b') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
);
const text = fc.array(unit, { maxLength: 60 }).map((parts) => parts.join(''));
const cuts = fc.array(fc.nat(), { maxLength: 6 });
const limit = fc.integer({ min: 0, max: 12 });
/** Any bytes, most of them text with a little damage. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.tuple(text, fc.nat(), fc.nat(255)).map(([value, at, byte]) => {
    const damaged = Buffer.from(value);
    if (damaged.length > 0) damaged[at % damaged.length] = byte;
    return damaged;
  }),
);

describe('a stream of text', () => {
  it('gives the same lines however it is cut, and those of a reference on strings', () => {
    fc.assert(
      fc.property(text, cuts, limit, (value, places, max) => {
        expect(readLines(cutAt(Buffer.from(value), places), max)).toEqual(naiveLines(value, max));
      }),
      budget,
    );
  });

  it('gives the same lines byte by byte', () => {
    fc.assert(
      fc.property(text, limit, (value, max) => {
        const single = Array.from(Buffer.from(value), (byte) => Buffer.of(byte));
        expect(readLines(single, max)).toEqual(naiveLines(value, max));
      }),
      budget,
    );
  });

  it('gives the same lines past the first size of what is carried', () => {
    const long = fc.array(fc.oneof(fc.string({ minLength: 200, maxLength: 900 }), unit), { maxLength: 8 });
    fc.assert(
      fc.property(long, cuts, (parts, places) => {
        const value = parts.join('');
        expect(readLines(cutAt(Buffer.from(value), places), 1000)).toEqual(naiveLines(value, 1000));
      }),
      { ...budget, numRuns: 300 },
    );
  });
});

describe('a stream of any bytes', () => {
  it('ends the same way and gives the same lines, in one piece or cut', () => {
    fc.assert(
      fc.property(bytes, cuts, limit, (value, places, max) => {
        expect(readLines(cutAt(value, places), max)).toEqual(readLines([value], max));
      }),
      budget,
    );
  });

  it('gives the same lines wherever what is left of a piece has to be kept', () => {
    fc.assert(
      fc.property(bytes, cuts, fc.integer({ min: 0, max: 40 }), fc.array(fc.boolean()), (value, places, max, kept) => {
        const keep = (line: number) => kept[line] ?? false;
        expect(readLines(cutAt(value, places), max, keep)).toEqual(readLines([value], max));
      }),
      budget,
    );
  });

  it('gives only lines that are UTF-8', () => {
    fc.assert(
      fc.property(bytes, cuts, (value, places) => {
        const { lines } = readLines(cutAt(value, places), 100);
        const damaged = lines.some((line) => line.includes('\uFFFD'));
        expect(damaged && !Buffer.from(value).includes('\uFFFD')).toBe(false);
      }),
      budget,
    );
  });
});

describe('trimming', () => {
  it('is that of a reference by the Unicode property', () => {
    fc.assert(
      fc.property(fc.oneof(text, fc.string({ unit: 'binary' })), (value) => {
        const buffer = Buffer.from(value);
        const start = trimStart(buffer, 0, buffer.length);
        const end = trimEnd(buffer, start, buffer.length);
        expect(buffer.subarray(start, end).toString()).toBe(naiveTrim(value));
      }),
      budget,
    );
  });
});

describe('splitting', () => {
  it('is that of a reference on strings', () => {
    const line = new AddressedLine(new HashPlacement(5));
    fc.assert(
      fc.property(text, text, text, (before, value, after) => {
        const whole = Buffer.from(before + value + after);
        const start = Buffer.byteLength(before);
        const found = line.split({ ...lineOf(whole, start), end: start + Buffer.byteLength(value) });
        const to = Array.from({ length: line.count }, (_, i) => whole.toString('utf8', line.starts[i], line.ends[i]));
        const body = whole.toString('utf8', line.bodyStart, line.bodyEnd);
        expect(found === 'split' ? { to, body } : undefined).toEqual(naiveSplit(value));
      }),
      budget,
    );
  });
});
