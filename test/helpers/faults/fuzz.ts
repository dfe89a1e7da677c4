/** Random sessions, valid and invalid: a corpus, mutations of it, and ways to send it. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Choices } from './random.ts';

const MAX_SESSION_BYTES = 512 * 1024;
/** A session that does not end by itself is ended after this time. */
const SESSION_MS = 3_000;
const NAMES = [
  'ann',
  'bob',
  'cat',
  '~dan',
  'é',
  'e\u0301',
  '',
  ' ',
  '* x',
  '/who',
  '{"type"',
  'a:b',
  'a,b',
  '\u202ebob',
  'x'.repeat(300),
];
const BODIES = [
  'hi',
  '',
  '\t',
  '\u0000\u001b[2J',
  'a\rb',
  '\u2028',
  '😀',
  '\u0085',
  '* ann is away: mail is held',
  'y'.repeat(70_000),
];
const FIRST_LINES = [
  'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  'POST /x HTTP/1.1\r\nContent-Length: 8\r\n\r\nann: hi\n',
  '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
  '*1\r\n$4\r\nPING\r\n',
  'SSH-2.0-OpenSSH_9.2\r\n',
  '\ufeffbob\n',
  '{"type":"hello","v":1}\n',
];
const COMMANDS = ['/help', '/who', '/who ann', '/who ', '/quit', '/', '/nothing', '/help: x', '/who: ann'];

function line(choices: Choices): string {
  const name = () => NAMES[choices.between(0, NAMES.length)] ?? '';
  const body = BODIES[choices.between(0, BODIES.length)] ?? '';
  const end = choices.chance(0.2) ? '\r\n' : '\n';
  switch (choices.between(0, 8)) {
    case 0:
      return (COMMANDS[choices.between(0, COMMANDS.length)] ?? '/') + end;
    case 1:
      return `${Array.from({ length: choices.between(2, 2_000) }, name).join(',')}: ${body}${end}`;
    case 2:
      return `${body}${end}`;
    case 3:
      return `${','.repeat(choices.between(1, 3_000))}: ${body}${end}`;
    case 4:
      return end.repeat(choices.between(1, 3_000));
    default:
      return `${name()}${choices.chance(0.3) ? `, ${name()}` : ''}: ${body}${end}`;
  }
}

/** The bytes of a session. */
export function fuzzSession(choices: Choices): Buffer {
  const first = choices.chance(0.2)
    ? (FIRST_LINES[choices.between(0, FIRST_LINES.length)] ?? '')
    : `${NAMES[choices.between(0, NAMES.length)] ?? ''}\n`;
  const parts = [Buffer.from(first, choices.chance(0.5) ? 'utf8' : 'latin1')];
  for (let i = choices.between(0, 30); i > 0; i--) parts.push(Buffer.from(line(choices)));
  const bytes = Buffer.concat(parts).subarray(0, MAX_SESSION_BYTES);
  return choices.chance(0.6) ? mutated(bytes, choices) : bytes;
}

function mutated(bytes: Buffer, choices: Choices): Buffer {
  let all = Buffer.from(bytes);
  for (let i = choices.between(1, 12); i > 0 && all.length > 0; i--) {
    const at = choices.between(0, all.length);
    const until = Math.min(all.length, at + choices.between(1, 64));
    switch (choices.between(0, 5)) {
      case 0:
        all[at] = choices.between(0, 256);
        break;
      case 1:
        all = Buffer.concat([all.subarray(0, at), all.subarray(until)]);
        break;
      case 2:
        all = Buffer.concat([all.subarray(0, until), all.subarray(at)]);
        break;
      case 3:
        all.fill(choices.between(0, 256), at, until);
        break;
      default:
        all = Buffer.concat([all.subarray(0, at), Buffer.from(line(choices)), all.subarray(at)]);
    }
  }
  return all.subarray(0, MAX_SESSION_BYTES);
}

/** Sends a session in pieces, with or without reading, and ends it in one of the ways in which connections end. */
export async function playFuzz(port: number, bytes: Buffer, choices: Choices): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  const ended = new Promise<void>((resolve) => socket.once('end', () => resolve()));
  socket.on('error', () => undefined); // the broker may end the session before it has read everything
  if (choices.chance(0.8)) socket.resume();
  const pieces = choices.between(1, 9);
  for (let piece = 0; piece < pieces && !socket.destroyed; piece++) {
    const part = bytes.subarray((bytes.length * piece) / pieces, (bytes.length * (piece + 1)) / pieces);
    if (!socket.write(part) && choices.chance(0.5)) await Promise.race([closed, sleep(1)]);
  }
  const way = choices.between(0, 4);
  if (way === 0) socket.resetAndDestroy();
  else if (way === 1) socket.destroy();
  else {
    socket.resume();
    socket.end();
    await Promise.race([ended, closed, sleep(SESSION_MS)]);
    socket.destroy();
  }
  await closed;
}
