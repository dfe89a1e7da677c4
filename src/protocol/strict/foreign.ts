/**
 * Recognizes other protocols by their first bytes. With STRICT=on a session that begins so is refused: its name is not
 * remembered, and nothing else of it is read. Otherwise a page in a browser could send lines of its own choice after an
 * HTTP request.
 */

export type ForeignProtocol = 'HTTP' | 'TLS' | 'SSH' | 'RESP' | 'STOMP' | 'PROXY' | 'binary';

const METHODS = 'GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PRI';
/** A request line of HTTP, or of a protocol like it: a method, a target and the version. */
const REQUEST_LINE = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+ +\S+ +HTTP\/\d/;
/** A request line without a version, or the beginning of one that is longer than a name may be. */
const BEGUN_REQUEST = new RegExp(`^(?:${METHODS}) +(?:/|\\*|[a-z]+://)`);

const BEGINNINGS: readonly (readonly [ForeignProtocol, RegExp])[] = [
  ['HTTP', REQUEST_LINE],
  ['HTTP', BEGUN_REQUEST],
  ['SSH', /^SSH-\d/],
  ['RESP', /^\*\d+$/],
  ['STOMP', /^(?:CONNECT|STOMP)$/],
  ['PROXY', /^PROXY (?:TCP[46]|UNKNOWN)\b/],
];
/** More bytes of a line do not help to recognize its protocol. */
const MAX_LOOKED_AT_BYTES = 1_024;
/** The first byte that a client of TLS sends: the type of a handshake record. */
const TLS_HANDSHAKE = 0x16;
const [TAB, LF, CR] = [9, 10, 13];

/**
 * The protocol that begins with this byte. A protocol that has no lines begins with a control character.
 * @returns undefined if the stream may be one of lines
 */
export function protocolOfFirstByte(byte: number): ForeignProtocol | undefined {
  if (byte >= 0x20 || byte === TAB || byte === LF || byte === CR) return undefined;
  return byte === TLS_HANDSHAKE ? 'TLS' : 'binary';
}

/** @returns the protocol that this first line, or beginning of one, is of; undefined if it is none of these */
export function protocolOfFirstLine(line: Uint8Array): ForeignProtocol | undefined {
  const text = Buffer.from(line.subarray(0, MAX_LOOKED_AT_BYTES)).toString('latin1');
  return BEGINNINGS.find(([, pattern]) => pattern.test(text))?.[0];
}

const HTTP_BODY = 'This port speaks lines of text, not HTTP. Try it with nc.\n';

/** The answer to a client of HTTP. Its headers give no rights to a page that may have sent the request. */
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
