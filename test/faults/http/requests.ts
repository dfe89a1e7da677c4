/** Random requests, right and wrong: paths of real and broken parts, bodies in all codings, and mutations. */
import type { Choices } from '../../helpers/faults/random.ts';

export const TOKEN = 'token-of-the-fuzz';
const MAX_BYTES = 256 * 1024;
const METHODS = ['GET', 'GET', 'GET', 'POST', 'POST', 'HEAD', 'PUT', 'DELETE'];
const BAD_METHODS = ['OPTIONS', 'TRACE', 'PATCH', 'CONNECT', 'get', 'M-X'];
const PATHS = [
  ...[
    '/',
    '/livez',
    '/readyz',
    '/metrics',
    '/v1/openapi.json',
    '/v1/info',
    '/v1/connections',
    '/v1/names',
    '/v1/shards',
  ],
  ...['/v1/history', '/v1/live', '/v1/ws', '/v1/send/NAME', '/v1/send/NAME,NAME', '/v1/mail/NAME', '/v1/mail/NAME/ack'],
  ...['/v1/mail/NAME', '/v1/names/NAME/mail', '/v1/names/NAME/mail/SEQ', 'http://localhost/livez'],
];
const BAD_PATHS = [
  ...[
    '/v1/NAME',
    '/NAME/../livez',
    '//NAME',
    'http://NAME/livez',
    '*',
    'NAME',
    '/v1/send/',
    '/v1/mail//ack',
    '/./livez',
  ],
  ...['/livez/', '/v1\\send\\x', 'http://[/', '/v1/ws?page=%ff', '/v1/send/NAME?from=%'],
];
/** What ends the test or hides its end if it is done. Nobody asks for these who may. */
const HARMFUL = ['/v1/drain', '/v1/connections/1/kick', '/v1/log-level'];
const NAMES = ['ann', 'bob', 'cat', 'd%C3%A9', '%65ve', '~x'];
const BAD_NAMES = [
  ...['%', '%zz', '%ff', '%00', '%0a', '%2f', '%2e%2e', '..', '%E2%80%AEx', 'a,b', '%22%7d', ':', ';', '@', '[', '<b>'],
  ...['\u00e9', 'x'.repeat(300)],
];
const SEQS = ['0', '1', '-1', '1e9', '9007199254740993', 'x'];
const QUERIES = [
  ...[
    'from=ann',
    'from=bob',
    'from=',
    'from=%0a',
    'id=m-1',
    'id=%ff',
    'durable=true',
    'durable=1',
    'ttl=1',
    'ttl=0',
    're=x',
  ],
  ...[
    'wait=0',
    'wait=1',
    'wait=x',
    'limit=1',
    'limit=0',
    'limit=99999999999999999999',
    'sort=name',
    'order=up',
    'after=%',
  ],
  ...['prefix=%E2', 'state=here', 'waiting=yes', 'offset=5', '', '&', '=', '%', '__proto__=1', 'constructor'],
];
const HEADERS = [
  ...['Accept: text/event-stream', 'Content-Type: application/json', 'Content-Type: text/plain', 'Cookie: a=b'],
  ...['Origin: http://localhost', 'Sec-Fetch-Site: same-origin', 'Expect: 100-continue', 'Connection: close', 'X: '],
  ...['from: ann', 'from: \u00ff', 'id: \u00e4', 'ttl: 5', 'Range: bytes=0-', 'Accept-Encoding: gzip', 'Via: 1.1 x'],
  ...['X-Forwarded-For: 127.0.0.1', 'Authorization: Bearer wrong-token-here', `X: ${'y'.repeat(9_000)}`],
];
const BAD_HEADERS = [
  ...[
    'Origin: http://evil',
    'Origin: null',
    'Origin: \u00ff',
    'Sec-Fetch-Site: cross-site',
    'Expect: x',
    'Upgrade: h2c',
  ],
  ...['Connection: keep-alive, Upgrade\r\nUpgrade: websocket', 'Upgrade: websocket', 'Trailer: X', ': x', 'X : y'],
  ...['X\u0000: y', ' folded', 'Authorization: Bearer', 'Transfer-Encoding: gzip', 'Transfer-Encoding: gzip, chunked'],
  ...['Transfer-Encoding: chunked', 'Content-Length: 5', 'Content-Length: -1', 'Content-Length: 99999999999999999999'],
];
/** What makes a request one for a WebSocket. */
const UPGRADE = [
  ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=='],
  ...['Sec-WebSocket-Version: 13', 'Sec-WebSocket-Protocol: restante.v1'],
];
const BAD_HOSTS = ['127.0.0.1:1', '[::1]', '[::1', 'evil.example', 'a:99999', '', '\u00ff', 'a b'];
const BODIES = [
  '',
  'hi',
  '{"seq":1}',
  '{"seq":-1}',
  '{"seq":"1"}',
  '[',
  '{"level":"x"}',
  'null',
  '\u00ff\u00fe',
  '"\\ud800"',
];
const BAD_VERSIONS = ['HTTP/1.0', 'HTTP/2.0', 'HTTP/1.1 ', 'HTTP/0.9', 'HTTPS/1.1'];
const BAD_SIZES = ['-1', '0x2', 'fffffffffffffffff', ' 2', '2;a=b', ''];
const SPLICES = ['\0', '\r\n', '\n', ' ', '%', '\r\n\r\n'];

/** A part of a request, chosen at random; sometimes one of those that may be wrong. */
function oneOf(all: readonly string[], choices: Choices, bad: readonly string[] = all): string {
  const some = choices.chance(0.94) ? all : bad;
  return some[choices.between(0, some.length)] ?? '';
}

function target(choices: Choices, mayDoAll: boolean): string {
  const path = oneOf(PATHS, choices, mayDoAll ? BAD_PATHS : [...BAD_PATHS, ...HARMFUL])
    .replaceAll('NAME', () => oneOf(NAMES, choices, BAD_NAMES))
    .replaceAll('SEQ', () => oneOf(SEQS, choices));
  const queries = Array.from({ length: choices.chance(0.4) ? choices.between(0, 4) : 0 }, () =>
    oneOf(QUERIES, choices),
  );
  return queries.length === 0 ? path : `${path}?${queries.join('&')}`;
}

/** A body in chunks, of which some are none. */
function chunked(body: string, choices: Choices): string {
  const size = oneOf([body.length.toString(16)], choices, BAD_SIZES);
  const end = oneOf(['\r\n'], choices, ['\r\n', '\n', '']);
  const chunk = body === '' ? '' : `${size}${end}${body}${end}`;
  return `${chunk}0\r\n${choices.chance(0.1) ? 'X: trailer\r\n' : ''}\r\n`;
}

function headersOf(choices: Choices, mayDoAll: boolean): string[] {
  const headers = Array.from({ length: choices.between(0, 3) }, () => oneOf(HEADERS, choices, BAD_HEADERS));
  if (choices.chance(0.98)) headers.unshift(`Host: ${oneOf(['localhost'], choices, BAD_HOSTS)}`);
  if (mayDoAll) headers.push(`Authorization: Bearer ${TOKEN}`);
  return headers;
}

function request(choices: Choices, mayDoAll: boolean): string {
  const body = choices.chance(0.05) ? 'y'.repeat(choices.between(1, 90_000)) : oneOf(BODIES, choices);
  const coding = choices.between(0, 4);
  const path = target(choices, mayDoAll);
  const headers = headersOf(choices, mayDoAll);
  if (path.startsWith('/v1/ws') && choices.chance(0.8)) headers.push(...UPGRADE);
  if (coding === 1) headers.push('Transfer-Encoding: chunked');
  if (coding > 1) headers.push(`Content-Length: ${body.length + (choices.chance(0.05) ? choices.between(-2, 9) : 0)}`);
  const end = choices.chance(0.97) ? '\r\n' : oneOf(['\n', '\r', '\r\r\n'], choices);
  const first = `${oneOf(METHODS, choices, BAD_METHODS)} ${path} ${oneOf(['HTTP/1.1'], choices, BAD_VERSIONS)}`;
  const head = [first, ...headers].join(end) + end + end;
  return head + (coding === 0 ? '' : coding === 1 ? chunked(body, choices) : body);
}

/** What one connection sends: a request, or several at once, and often something else in its middle. */
export function fuzzRequests(choices: Choices): { readonly bytes: Buffer; readonly count: number } {
  const mayDoAll = choices.chance(0.4);
  const count = choices.chance(0.7) ? 1 : choices.between(2, 8);
  const text = Array.from({ length: count }, () => request(choices, mayDoAll)).join('');
  const bytes = Buffer.from(text, 'latin1').subarray(0, MAX_BYTES);
  return { bytes: choices.chance(0.25) ? mutated(bytes, choices) : bytes, count };
}

function mutated(bytes: Buffer, choices: Choices): Buffer {
  let all = Buffer.from(bytes);
  for (let i = choices.between(1, 6); i > 0 && all.length > 0; i--) {
    const at = choices.between(0, all.length);
    const until = Math.min(all.length, at + choices.between(1, 40));
    const [before, after] = [all.subarray(0, at), all.subarray(at)];
    const kind = choices.between(0, 4);
    if (kind === 0) all[at] = choices.between(0, 256);
    else if (kind === 1) all = Buffer.concat([before, all.subarray(until)]);
    else if (kind === 2) all = Buffer.concat([all.subarray(0, until), after]);
    else all = Buffer.concat([before, Buffer.from(oneOf(SPLICES, choices)), after]);
  }
  return all;
}
