import { describe, expect, it } from 'vitest';
import { HTTP_ANSWER, protocolOfFirstByte, protocolOfFirstLine } from '../../../src/protocol/strict/foreign.ts';

const protocolOf = (line: string) => protocolOfFirstLine(Buffer.from(line));

describe('a first line', () => {
  it.each([
    ['GET / HTTP/1.1', 'HTTP'],
    ['POST /x HTTP/1.0', 'HTTP'],
    ['PROPFIND /x HTTP/1.1', 'HTTP'],
    ['CONNECT example.org:443 HTTP/1.1', 'HTTP'],
    ['PRI * HTTP/2.0', 'HTTP'],
    ['get / HTTP/1.1', 'HTTP'],
    ['GET /', 'HTTP'],
    ['GET http://example.org/x', 'HTTP'],
    [`GET /${'x'.repeat(5_000)}`, 'HTTP'],
    ['SSH-2.0-OpenSSH_9.2', 'SSH'],
    ['*1', 'RESP'],
    ['*12', 'RESP'],
    ['CONNECT', 'STOMP'],
    ['PROXY TCP4 192.0.2.1 192.0.2.2 1 2', 'PROXY'],
  ])('%j is of another protocol', (line, protocol) => {
    expect(protocolOf(line)).toBe(protocol);
  });

  it.each(['bob', 'GET', 'get well', 'HTTP/1.1', 'SSH', 'ssh-2', '*', '*x', '* 1', 'CONNECTED', 'PROXY', '北京', ''])(
    '%j is of none',
    (line) => {
      expect(protocolOf(line)).toBeUndefined();
    },
  );
});

describe('a first byte', () => {
  it('tells of TLS, and of what is no text', () => {
    expect([0x16, 0x00, 0x05, 0x10, 0x1f].map(protocolOfFirstByte)).toEqual(['TLS', ...Array(4).fill('binary')]);
  });

  it('of text, or of what is not known to be none, tells nothing', () => {
    expect([...Buffer.from('\t\r\n a~'), 0x7f, 0x80, 0xef].map(protocolOfFirstByte)).toEqual(Array(9).fill(undefined));
  });
});

it('a client of HTTP is answered in HTTP, and may not read it for a page', () => {
  const [head = '', body = ''] = HTTP_ANSWER.toString().split('\r\n\r\n');
  const lines = head.split('\r\n');
  expect(lines[0]).toBe('HTTP/1.1 400 Bad Request');
  expect(lines).toContain(`Content-Length: ${Buffer.byteLength(body)}`);
  expect(lines).toContain('Connection: close');
  expect(lines).toContain('X-Content-Type-Options: nosniff');
  expect(head).not.toMatch(/access-control/i);
});
