/** The header of the PROXY protocol: what is one, where it may be cut, and that nothing else is taken for one. */
import { describe, expect, it } from 'vitest';
import { MAX_BINARY_BYTES } from '../../../../src/transport/proxy/binary-header.ts';
import { readHeader } from '../../../../src/transport/proxy/header.ts';
import { binary, V4, V6, value } from './samples.ts';

const text = (line: string) => Buffer.from(line, 'latin1');
const CLIENT = { address: '192.0.2.7', port: 1234 };
const CLIENT6 = { address: '2001:db8::7', port: 1234 };
const VALUES = Buffer.concat([value(4, Buffer.alloc(5)), value(0x20, Buffer.alloc(300)), value(4, Buffer.alloc(0))]);

const GOOD: readonly (readonly [string, Buffer, object | undefined])[] = [
  ['1, of IPv4', text('PROXY TCP4 192.0.2.7 127.0.0.1 1234 8080\r\n'), CLIENT],
  ['1, of IPv6', text('PROXY TCP6 2001:DB8:0::7 ::1 1234 8080\r\n'), CLIENT6],
  ['1, of IPv4 as IPv6', text('PROXY TCP6 ::ffff:192.0.2.7 ::1 1234 8080\r\n'), CLIENT],
  ['1, unknown', text('PROXY UNKNOWN\r\n'), undefined],
  ['1, unknown with addresses', text('PROXY UNKNOWN 192.0.2.7 127.0.0.1 1234 8080\r\n'), undefined],
  ['2, of IPv4', binary(0x21, 0x11, V4), CLIENT],
  ['2, of IPv6', binary(0x21, 0x21, V6), CLIENT6],
  ['2, with values', binary(0x21, 0x11, Buffer.concat([V4, VALUES])), CLIENT],
  ['2, local', binary(0x20, 0x00, Buffer.alloc(0)), undefined],
  ['2, local with what is not looked at', binary(0x20, 0x99, Buffer.alloc(40, 0xff)), undefined],
  ['2, unspecified', binary(0x21, 0x00, Buffer.alloc(0)), undefined],
  ['2, of a socket of its machine', binary(0x21, 0x31, Buffer.alloc(216)), undefined],
];

describe('a header of version', () => {
  it.each(GOOD)('%s is read, and what is behind it is not looked at', (_what, header, source) => {
    const whole = { is: 'whole', source, length: header.length };
    expect(readHeader(header)).toEqual(whole);
    expect(readHeader(Buffer.concat([header, text('bob\r\nPROXY')]))).toEqual(whole);
  });

  it.each(GOOD)('%s is waited for, wherever it is cut', (_what, header) => {
    for (let length = 0; length < header.length; length++) {
      expect(readHeader(header.subarray(0, length))).toEqual({ is: 'begun' });
    }
  });
});

const BAD: readonly (readonly [string, Buffer])[] = [
  ['a name', text('bob\n')],
  ['another beginning', text('PROXX')],
  ['an address that is none', text('PROXY TCP4 192.0.2.256 127.0.0.1 1234 8080\r\n')],
  ['an address of the other family', text('PROXY TCP4 ::1 127.0.0.1 1234 8080\r\n')],
  ['an address with a zone', text('PROXY TCP6 fe80::1%lo ::1 1234 8080\r\n')],
  ['a port that is none', text('PROXY TCP4 192.0.2.7 127.0.0.1 65536 8080\r\n')],
  ['a port with a zero before it', text('PROXY TCP4 192.0.2.7 127.0.0.1 01234 8080\r\n')],
  ['no port', text('PROXY TCP4 192.0.2.7 127.0.0.1 1234\r\n')],
  ['two blanks', text('PROXY TCP4  192.0.2.7 127.0.0.1 1234 8080\r\n')],
  ['a blank at the end', text('PROXY TCP4 192.0.2.7 127.0.0.1 1234 8080 \r\n')],
  ['small letters', text('PROXY tcp4 192.0.2.7 127.0.0.1 1234 8080\r\n')],
  ['a family that is none', text('PROXY UDP4 192.0.2.7 127.0.0.1 1234 8080\r\n')],
  ['an end without CR', text('PROXY TCP4 192.0.2.7 127.0.0.1 1234 8080\n')],
  ['a line end within it', text('PROXY UNKNOWN a\nb\r\n')],
  ['a line that does not end', text(`PROXY UNKNOWN ${'x'.repeat(107)}`)],
  ['another version', binary(0x31, 0x11, V4)],
  ['another command', binary(0x22, 0x11, V4)],
  ['datagrams', binary(0x21, 0x12, V4)],
  ['addresses that are cut', binary(0x21, 0x11, V4.subarray(1))],
  ['a value that is cut', binary(0x21, 0x11, Buffer.concat([V4, VALUES.subarray(0, -4)]))],
  ['a value that says too much', binary(0x21, 0x11, Buffer.concat([V4, Buffer.from([4, 0, 9, 1])]))],
  ['a length past the bound', binary(0x21, 0x11, V4, MAX_BINARY_BYTES - 15)],
];

describe('what is no header:', () => {
  it.each(BAD)('%s', (_what, bytes) => {
    expect(readHeader(bytes)).toEqual({ is: 'wrong', problem: expect.any(String) });
  });

  it('a length at the bound is none of it', () => {
    expect(readHeader(binary(0x21, 0x11, V4, MAX_BINARY_BYTES - 16))).toEqual({ is: 'begun' });
  });
});
