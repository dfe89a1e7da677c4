/**
 * Helpers for lines: they read a stream through LineReader and send lines. The naive versions are the references of the
 * property tests.
 */
import { LineDestinations } from '../../../src/protocol/plain/line-destinations.ts';
import { LineReader, type LineResult } from '../../../src/protocol/plain/line-reader.ts';
import type { Outbox } from '../../../src/router/outbox.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { type Routed, Router, type RouterOptions } from '../../../src/router/router.ts';
import { Memory } from '../../../src/shared/memory/memory.ts';
import type { Line, Prefix } from '../../../src/shared/wire/message.ts';

const LF = 10;

/** Old bytes, which stand in a buffer behind the piece that was read last. */
const STALE = Buffer.from('é\nstale\n\xff');

/** A line made of `bytes` from `start` on. */
export function lineOf(bytes: Uint8Array, start = 0): Line {
  return { bytes, start, end: bytes.length, memory: new Memory(bytes.buffer), offset: bytes.byteOffset };
}

export interface ReadLines {
  readonly lines: readonly string[];
  /** Why reading stopped. 'more' means that the stream has ended. */
  readonly end: Exclude<LineResult, 'line'>;
}

/**
 * All lines of a stream that arrives in these pieces, up to the first one that ends the session. The buffer of the
 * pieces is overwritten as soon as a piece is processed. It is also overwritten at each line for which `keep` is true,
 * after the reader has been told to keep its bytes.
 */
export function readLines(
  chunks: readonly Uint8Array[],
  maxBytes: number,
  keep: (line: number) => boolean = () => false,
): ReadLines {
  const reader = new LineReader(maxBytes);
  const lines: string[] = [];
  for (const chunk of chunks) {
    const shared = Buffer.concat([chunk, STALE]);
    reader.feed(shared, chunk.length);
    for (let result = reader.nextLine(); result !== 'more'; result = reader.nextLine()) {
      if (result !== 'line') return { lines, end: result };
      if (keep(lines.length)) {
        reader.keep();
        shared.fill(LF);
      }
      lines.push(lineAt(reader));
    }
    shared.fill(LF);
  }
  const last = reader.lastLine();
  if (last !== 'line') return { lines, end: last };
  lines.push(lineAt(reader));
  return { lines, end: 'more' };
}

/** Takes lines as long as there are any. @returns the result that was no line */
export function workOff(reader: LineReader, lines: string[]): Exclude<LineResult, 'line'> {
  for (;;) {
    const result = reader.nextLine();
    if (result !== 'line') return result;
    lines.push(lineAt(reader));
  }
}

export function lineAt(reader: LineReader): string {
  return Buffer.from(reader.bytes.subarray(reader.start, reader.end)).toString();
}

/** As `readLines`, with strings, for a whole stream in valid UTF-8. */
export function naiveLines(text: string, maxBytes: number): ReadLines {
  const parts = text.split('\n');
  const last = parts.pop() ?? '';
  const found = [...parts.map((part) => part.replace(/\r$/, '')), ...(last === '' ? [] : [last])];
  const tooLong = found.findIndex((line) => Buffer.byteLength(line) > maxBytes);
  return tooLong < 0 ? { lines: found, end: 'more' } : { lines: found.slice(0, tooLong), end: 'too long' };
}

/** Trims white space as Unicode defines it. */
export function naiveTrim(text: string): string {
  return text.replace(/^\p{White_Space}+/u, '').replace(/\p{White_Space}+$/u, '');
}

/** Splits a line, with strings; undefined without a colon. */
export function naiveSplit(line: string): { to: string[]; body: string } | undefined {
  const colon = line.indexOf(':');
  if (colon < 0) return undefined;
  return { to: line.slice(0, colon).split(',').map(naiveTrim), body: naiveTrim(line.slice(colon + 1)) };
}

/** Cuts the bytes at the given places, in any order. */
export function cutAt(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const cuts = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.subarray(from, cuts[index] ?? bytes.length));
}

/** A router, with the parts that split lines for it. */
export class LineRouter {
  readonly router: Router;
  readonly #addresses: LineDestinations;

  constructor(shards: number, { maxNames, ...options }: RouterOptions & { readonly maxNames?: number } = {}) {
    const placement = new HashPlacement(shards);
    this.router = new Router(placement, options);
    this.#addresses = new LineDestinations(placement, maxNames);
  }

  route(
    sender: number,
    prefix: Prefix,
    line: Line,
    namesDone?: number,
    maxCostBytes?: number,
  ): Outbox | Routed | 'no colon' | 'too many names' {
    const address = this.#addresses.read(line);
    const { to, text } = this.#addresses;
    return address === 'message' ? this.router.send(sender, prefix, to, text, namesDone, maxCostBytes) : address;
  }
}
