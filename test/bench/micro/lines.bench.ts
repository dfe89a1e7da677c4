/** The codec of the plain session: bytes to lines, and lines to destinations. */
import { expect } from 'vitest';
import { AddressedLine } from '../../../src/protocol/plain/addressed-line.ts';
import { LineReader } from '../../../src/protocol/plain/line-reader.ts';
import { HashPlacement } from '../../../src/router/placement.ts';
import { cutAt, lineOf, readLines } from '../../helpers/unit/lines.ts';
import { lineTo, MESSAGES, names } from './parts/mail.ts';
import { measure } from './parts/measure.ts';

const MAX_LINE_BYTES = 65_536;
/** Cut like this, most pieces end within a line, which then has to be carried over. */
const PIECE_BYTES = 1_000;

const line = lineTo('bob');
const chunk = Buffer.concat(Array.from({ length: MESSAGES }, () => [line, Buffer.from('\n')]).flat());
const places = Array.from({ length: Math.floor(chunk.length / PIECE_BYTES) }, (_, i) => (i + 1) * PIECE_BYTES);
const pieces = cutAt(chunk, places).map((piece) => Buffer.from(piece));
const allLines = Array.from({ length: MESSAGES }, () => line.toString());
expect(readLines([chunk], MAX_LINE_BYTES)).toEqual({ lines: allLines, end: 'more' });
expect(readLines(pieces, MAX_LINE_BYTES)).toEqual({ lines: allLines, end: 'more' });

const reader = new LineReader(MAX_LINE_BYTES);

/** @returns how many lines there were */
function read(chunks: readonly Buffer[]): number {
  let lines = 0;
  for (const each of chunks) {
    reader.feed(each);
    while (reader.nextLine() === 'line') lines++;
  }
  return lines;
}

const split = new AddressedLine(new HashPlacement(4));

/** @returns how many destinations the line had, as often as it was split */
function splitOften(bytes: Buffer): number {
  const each = lineOf(bytes);
  let destinations = 0;
  for (let i = 0; i < MESSAGES; i++) if (split.split(each) === 'split') destinations += split.count;
  return destinations;
}

/** The names of the line, cut out by the places it was split at. */
function namesIn(bytes: Buffer): string[] {
  expect(split.split(lineOf(bytes))).toBe('split');
  return Array.from({ length: split.count }, (_, i) => bytes.toString('latin1', split.starts[i], split.ends[i]));
}

const toEight = lineTo(...names(8));
expect(namesIn(line)).toEqual(['bob']);
expect(namesIn(toEight)).toEqual(names(8));

measure(`LineReader: ${MESSAGES} lines in one chunk`, MESSAGES, () => read([chunk]));
measure(`LineReader: ${MESSAGES} lines in pieces of ${PIECE_BYTES} bytes`, MESSAGES, () => read(pieces));
measure(`AddressedLine: ${MESSAGES} lines to one name`, MESSAGES, () => splitOften(line));
measure(`AddressedLine: ${MESSAGES} lines to 8 names`, MESSAGES * 8, () => splitOften(toEight));
