/** Bytes to lines: the same lines wherever the bytes are cut. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineReader } from '../../../../src/tools/library/transport/lines.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('lines', () => {
  it('are the same one byte at a time', () => {
    const reader = new LineReader(100);
    const lines = [...bytes('{"a":"ä€😀"}\n\n{"b":2}\n{"c"')].flatMap((byte) => reader.read(Uint8Array.of(byte)));
    expect(lines).toEqual(['{"a":"ä€😀"}', '', '{"b":2}']);
    expect(reader.read(bytes(':3}\n'))).toEqual(['{"c":3}']);
  });

  it('are the same at any cuts, and the chunks may be written over', () => {
    const line = fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\n', ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }), (lines, sizes) => {
        const all = bytes(lines.map((each) => `${each}\n`).join(''));
        const reader = new LineReader(1_000);
        const read: string[] = [];
        for (let at = 0, i = 0; at < all.length; i++) {
          const chunk = all.slice(at, at + (sizes[i % sizes.length] ?? 1));
          read.push(...reader.read(chunk));
          at += chunk.length;
          chunk.fill(10);
        }
        expect(read).toEqual(lines);
      }),
    );
  });

  it.each([1, 2, 3, 100])('are too long by one byte, in chunks of %d', (size) => {
    const feed = (text: string) => {
      const reader = new LineReader(4);
      const all = bytes(text);
      for (let at = 0; at < all.length; at += size) reader.read(all.subarray(at, at + size));
    };
    expect(() => feed('ää\näää\n')).toThrow('longer than 4 bytes');
    expect(() => feed('a\nabcde')).toThrow('longer than 4 bytes');
    expect(() => feed('ää\nabcd\nabcd')).not.toThrow();
  });

  it('that are not UTF-8 are no lines', () => {
    expect(() => new LineReader(100).read(Uint8Array.of(0xc3, 10))).toThrow('not UTF-8');
  });
});
