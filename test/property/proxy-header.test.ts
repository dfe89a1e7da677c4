/** A header of the PROXY protocol among random bytes: nothing throws, and the pieces make no difference. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_BINARY_BYTES } from '../../src/transport/proxy/binary-header.ts';
import { type Header, readHeader } from '../../src/transport/proxy/header.ts';

const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const bytes = fc.uint8Array({ maxLength: 300 }).map((some) => Buffer.from(some));
const binary = fc
  .tuple(fc.constantFrom(0x20, 0x21, 0x22), fc.constantFrom(0x00, 0x11, 0x21, 0x31, 0x12), fc.nat(400), bytes)
  .map(([command, family, length, rest]) =>
    Buffer.concat([SIGNATURE, Buffer.from([command, family, length >> 8, length & 255]), rest]),
  );
const word = fc.constantFrom(
  'PROXY',
  'TCP4',
  'TCP6',
  'UNKNOWN',
  '192.0.2.7',
  '::1',
  '0',
  '65536',
  '443',
  '',
  '\r\n',
  '\n',
);
const text = fc
  .tuple(fc.array(word, { maxLength: 10 }), fc.boolean())
  .map(([words, ends]) => Buffer.from(`PROXY ${words.join(' ')}${ends ? '\r\nbob\n' : ''}`, 'latin1'));

describe('a header', () => {
  it('is one or is none however it comes, and is never waited for without a bound', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, binary, text), (all) => {
        const found = readHeader(all);
        if (found.is === 'whole') expect(found.length).toBeLessThanOrEqual(Math.min(all.length, MAX_BINARY_BYTES));
        if (found.is === 'begun') expect(all.length).toBeLessThan(MAX_BINARY_BYTES);
        let first: Header = { is: 'begun' };
        for (let end = 0; end <= all.length && first.is === 'begun'; end++) first = readHeader(all.subarray(0, end));
        expect(first).toEqual(found);
      }),
    );
  });
});
