/**
 * Other protocols, by how they begin. Where STRICT is on, a session that begins so is no peer: its name is not
 * remembered, and nothing that it says is read, because a page in a browser can send lines of its own choice behind a
 * request.
 */

export type ForeignProtocol = 'HTTP' | 'TLS' | 'SSH' | 'RESP' | 'STOMP' | 'PROXY' | 'binary';

const METHODS = 'GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI';
/** A request line of HTTP, or of a protocol that is like it: a method, a target, and the version. */
const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ +\S+ +HTTP\/\d/;
/** A request line without a version, or as much as was read of one that is longer than a name. */
const BEGUN_REQUEST = new RegExp(`^(?:${METHODS}) +(?:/|\\*|[a-z]+://)`);

const BEGINNINGS: readonly (readonly [ForeignProtocol, RegExp])[] = [
  ['HTTP', REQUEST_LINE],
  ['HTTP', BEGUN_REQUEST],
  ['SSH', /^SSH-\d/],
  ['RESP', /^\*\d+$/],
  ['STOMP', /^(?:CONNECT|STOMP)$/],
  ['PROXY', /^PROXY (?:TCP[46]|UNKNOWN)\b/],
];
/** More of a line says no more about its protocol. */
const MAX_LOOKED_AT_BYTES = 1_024;
/** The type of the record that a client of TLS begins with. */
const TLS_HANDSHAKE = 0x16;
const [TAB, LF, CR] = [9, 10, 13];

/** The protocol that the first byte of a stream tells of: those that are no lines begin with a control character. */
export function protocolOfFirstByte(byte: number): ForeignProtocol | undefined {
  if (byte >= 0x20 || byte === TAB || byte === LF || byte === CR) return undefined;
  return byte === TLS_HANDSHAKE ? 'TLS' : 'binary';
}

/** The protocol whose first line this is, or the beginning of it. */
export function protocolOfFirstLine(line: Uint8Array): ForeignProtocol | undefined {
  const text = Buffer.from(line.subarray(0, MAX_LOOKED_AT_BYTES)).toString('latin1');
  return BEGINNINGS.find(([, pattern]) => pattern.test(text))?.[0];
}

const HTTP_BODY = 'This port speaks lines of text, not HTTP. Try it with nc.\n';

/** What a client of HTTP is answered. It allows nothing to the page that may have asked. */
export const HTTP_ANSWER = Buffer.from(
  [
    'HTTP/1.1 400 Bad Request',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${HTTP_BODY.length}`,
    'X-Content-Type-Options: nosniff',
    'Connection: close',
    '',
    HTTP_BODY,
  ].join('\r\n'),
);
