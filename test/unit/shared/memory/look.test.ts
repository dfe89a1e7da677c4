/** What an arena's look finds is what the look byte by byte finds, at every length and place, and nothing beside it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../../../../src/shared/memory/arena.ts';
import { HAS_CONTROL, HAS_LEAD, HAS_NON_ASCII, lookAt } from '../../../../src/shared/memory/look.ts';

const { memory } = new Arena(4_096);
const { bytes } = memory;
const DIRT = 0xc2;
/** More than two times 64 bytes, which are looked at together. */
const LENGTHS = Array.from({ length: 150 }, (_, length) => length);

/** What is at `at` when there is dirt on both sides of it. */
function look(text: Uint8Array, at: number): number {
  bytes.fill(DIRT);
  bytes.set(text, at);
  return memory.look?.(at, text.length) ?? Number.NaN;
}

const plain = (length: number) => Buffer.alloc(length, 'a line of it\n');

describe('a look at bytes', () => {
  it('finds nothing in plain lines, nor beside them', () => {
    for (const length of LENGTHS) {
      for (let at = 64; at < 64 + 17; at++) expect([length, at, look(plain(length), at)]).toEqual([length, at, 0]);
    }
  });

  it('finds one byte at every place of every length', () => {
    const kinds: [number, number][] = [
      [0, HAS_CONTROL],
      [9, 0],
      [10, 0],
      [13, HAS_CONTROL],
      [0x1f, HAS_CONTROL],
      [0x20, 0],
      [0x7e, 0],
      [0x7f, HAS_CONTROL],
      [0x80, HAS_NON_ASCII],
      [0xc2, HAS_NON_ASCII | HAS_LEAD],
      [0xc3, HAS_NON_ASCII],
      [0xe2, HAS_NON_ASCII | HAS_LEAD],
      [0xff, HAS_NON_ASCII],
    ];
    for (const [byte, found] of kinds) {
      for (const length of LENGTHS) {
        for (let place = 0; place < length; place++) {
          const text = Buffer.alloc(length, 'x');
          text[place] = byte;
          if (look(text, 65) !== found)
            expect([byte, length, place, look(text, 65)]).toEqual([byte, length, place, found]);
        }
      }
    }
  });

  it('lets a CR pass only before an LF, at every place', () => {
    for (const length of LENGTHS.slice(2)) {
      for (let place = 0; place + 1 < length; place++) {
        const text = Buffer.alloc(length, 'x');
        text.write('\r\n', place);
        const apart = Buffer.from(text);
        apart.write('\n\r', place);
        const found = [look(text, 70), look(apart, 70)];
        if (found[0] !== 0 || found[1] !== HAS_CONTROL) expect([length, place, found]).toEqual([length, place, [0, 2]]);
      }
    }
  });

  it('finds the same byte by byte', () => {
    const byte = fc.constantFrom(0, 9, 10, 13, 0x1b, 0x41, 0x7f, 0x80, 0xc2, 0xe2, 0xf0);
    const mostly = fc.oneof({ weight: 30, arbitrary: fc.constantFrom(0x61, 0x20) }, { weight: 1, arbitrary: byte });
    const text = fc.oneof(fc.array(mostly, { maxLength: 400 }), fc.array(byte, { maxLength: 100 }));
    fc.assert(
      fc.property(text, fc.integer({ min: 64, max: 200 }), (values, at) => {
        const part = Buffer.from(values);
        expect(look(part, at)).toBe(lookAt(part, 0, part.length));
      }),
      { numRuns: 2_000 },
    );
  });
});
