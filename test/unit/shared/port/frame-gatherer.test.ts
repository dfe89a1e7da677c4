import { describe, expect, it } from 'vitest';
import { Memory } from '../../../../src/shared/memory/memory.ts';
import { FrameGatherer, type Gathered } from '../../../../src/shared/wire/frames/frame-gatherer.ts';
import { FRAME_HEADER_WORDS, FRAME_LENGTH } from '../../../../src/shared/wire/frames/frames.ts';

const BYTES = 200;
const ROOM_AT = 100;
const ROOM_BYTES = 16;

/** Memory with these texts at these places, and a gatherer for them. */
function scene(texts: Readonly<Record<number, string>>, roomAt = -1) {
  const memory = new Memory(new SharedArrayBuffer(BYTES));
  for (const [place, text] of Object.entries(texts)) memory.bytes.set(Buffer.from(text), Number(place));
  return new FrameGatherer(memory, ROOM_AT, { roomFor: () => roomAt }, ROOM_BYTES);
}

function headersOf(...lengths: readonly number[]): Int32Array {
  const headers = new Int32Array(lengths.length * FRAME_HEADER_WORDS);
  for (const [i, length] of lengths.entries()) headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] = length;
  return headers;
}

function textOf(gathered: Gathered | undefined, length: number): string | undefined {
  if (gathered === undefined) return undefined;
  return Buffer.from(gathered.memory.bytes.subarray(gathered.at, gathered.at + length)).toString();
}

describe('frames that lie apart', () => {
  it('are gathered in the order of their headers', () => {
    const gatherer = scene({ 3: 'one\n', 40: 'three\n', 60: 'two\n' });
    const run = gatherer.gather(headersOf(4, 4, 6), Int32Array.of(3, 60, 40), 14);
    expect([textOf(run, 14), run?.at]).toEqual(['one\ntwo\nthree\n', ROOM_AT]);
  });

  it('are gathered where they will be written from, if there is room', () => {
    const run = scene({ 3: 'one\n', 60: 'two\n' }, 150).gather(headersOf(4, 4), Int32Array.of(3, 60), 8);
    expect([textOf(run, 8), run?.at]).toEqual(['one\ntwo\n', 150]);
  });

  it('are in a buffer of their own where they are more than the room has', () => {
    const gatherer = scene({ 3: 'a line of text\n', 60: 'two\n' });
    const run = gatherer.gather(headersOf(4, 15), Int32Array.of(60, 3), 19);
    expect([textOf(run, 19), run?.at]).toEqual(['two\na line of text\n', 0]);
    expect(run?.memory.buffer.byteLength).toBe(19);
  });

  it.each([
    ['a place before the memory', [-1, 60], [4, 4], 8],
    ['a place behind it', [3, BYTES - 3], [4, 4], 8],
    ['an empty frame', [3, 60], [4, 0], 4],
    ['a frame of less than nothing', [3, 60], [8, -4], 4],
    ['less than is said', [3, 60], [4, 4], 9],
    ['more than is said', [3, 60], [4, 4], 7],
  ])('are no run with %s', (_what, places, lengths, length) => {
    const gatherer = scene({ 3: 'one\n', 60: 'two\n' });
    expect(gatherer.gather(headersOf(...lengths), Int32Array.from(places), length)).toBeUndefined();
  });
});
