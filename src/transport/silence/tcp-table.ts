/**
 * Reads the table of TCP connections of Linux (/proc/net/tcp, /proc/net/tcp6), for connections whose peers do not
 * answer. A row is text with columns in fixed places. Only the few rows of interest are parsed.
 */
import { endianness } from 'node:os';
import { plainAddress } from '../../shared/visitors/address-key.ts';

const LF = 10;
const SPACE = 32;
const COLON = 58;
const ZERO = 48;
const IPV4_DIGITS = 8;
const IPV6_DIGITS = 32;
/** Columns after the two addresses, counted from the local address as if both addresses had no digits. */
const LOCAL_PORT = 1;
const REMOTE_ADDRESS = 6;
const REMOTE_PORT = 7;
const QUEUED = 15;
const TIMER = 33;
const RETRANSMISSIONS = 45;
const USER = 54;
const PORT_DIGITS = 4;
const NUMBER_DIGITS = 8;

/** What the kernel waits for: an answer to bytes, to a probe of the window, or to a keep-alive. */
type Unanswered = 'retransmission' | 'window probe' | 'keep-alive';
const TIMERS: Readonly<Record<string, Unanswered>> = {
  '01': 'retransmission',
  '02': 'keep-alive',
  '04': 'window probe',
};

/** A connection whose peer has not answered the last packet that needs an answer. */
export interface UnansweredRow {
  /** The address of the peer, as `plainAddress` returns it. */
  readonly address: string;
  readonly port: number;
  readonly what: Unanswered;
  /** How often the peer was asked since its last answer: at least once. */
  readonly times: number;
  /** The bytes that it has not acknowledged, of those that the kernel has taken for it. */
  readonly unacknowledgedBytes: number;
}

/** @returns the rows of `table` for connections to `localPort` whose peers have to answer. Other text is ignored. */
export function unansweredRows(table: Buffer, localPort: number): UnansweredRow[] {
  const port = localPort.toString(16).toUpperCase().padStart(PORT_DIGITS, '0');
  const rows: UnansweredRow[] = [];
  let at = table.indexOf(LF) + 1; // after the headings
  while (at > 0 && at < table.length) {
    const found = table.indexOf(LF, at);
    const end = found < 0 ? table.length : found;
    const row = readRow(table, at, end, port);
    if (row !== undefined) rows.push(row);
    at = end + 1;
  }
  return rows;
}

function readRow(table: Buffer, start: number, end: number, port: string): UnansweredRow | undefined {
  const local = table.indexOf(COLON, start) + 2;
  const digits = table[local + IPV4_DIGITS] === COLON ? IPV4_DIGITS : IPV6_DIGITS;
  const columns = local + digits * 2;
  if (local < 2 || columns + USER >= end) return undefined;
  for (let i = 0; i < PORT_DIGITS; i++) {
    if (table[local + digits + LOCAL_PORT + i] !== port.charCodeAt(i)) return undefined;
  }
  const text = (from: number, length: number) => table.toString('latin1', from, from + length);
  const what = table[columns + TIMER + 1] === ZERO ? undefined : TIMERS[text(columns + TIMER, 2)];
  if (what === undefined) return undefined;
  const times =
    what === 'retransmission'
      ? Number.parseInt(text(columns + RETRANSMISSIONS, NUMBER_DIGITS), 16)
      : secondNumber(table, columns + USER, end);
  if (!(times > 0)) return undefined;
  return {
    address: addressFromHex(text(local + digits + REMOTE_ADDRESS, digits)),
    port: Number.parseInt(text(columns + REMOTE_PORT, PORT_DIGITS), 16),
    what,
    times,
    unacknowledgedBytes: Number.parseInt(text(columns + QUEUED, NUMBER_DIGITS), 16),
  };
}

/** @returns the second decimal number from `at` on. After the user it is the number of unanswered probes. */
function secondNumber(table: Buffer, at: number, end: number): number {
  let i = at;
  while (i < end && table[i] === SPACE) i++;
  while (i < end && table[i] !== SPACE) i++;
  while (i < end && table[i] === SPACE) i++;
  let value = 0;
  for (; i < end && table[i] !== SPACE; i++) value = value * 10 + ((table[i] as number) - ZERO);
  return value;
}

/** Decodes an address, which the kernel writes as 32-bit words in the byte order of the machine. */
function addressFromHex(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => {
    const word4 = [...Buffer.from(word, 'hex')];
    return endianness() === 'LE' ? word4.reverse() : word4;
  });
  if (bytes.length === 4) return bytes.join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    (((bytes[i * 2] ?? 0) << 8) | (bytes[i * 2 + 1] ?? 0)).toString(16),
  );
  const address = groups.join(':');
  return plainAddress(address) ?? address;
}
