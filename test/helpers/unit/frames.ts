/** Runs of frames for unit tests, made from lines and read back as lines. A line here has no LF. */
import { Memory } from '../../../src/shared/memory/memory.ts';
import { DeliveredFrames } from '../../../src/shared/wire/frames/delivered-frames.ts';
import {
  FRAME_BODY,
  FRAME_HEADER_WORDS,
  FRAME_HELD_AT,
  FRAME_LENGTH,
  FRAME_NUMBER,
  type Frames,
  newFrames,
} from '../../../src/shared/wire/frames/frames.ts';

/** A run in a buffer of its own. `heldAt` is for all frames, or for each. */
export function framesOf(
  lines: readonly string[],
  heldAt: number | readonly number[] = 0,
  body: number | readonly number[] = 0,
  numbers: readonly number[] = [],
): Frames {
  const frames = lines.map((line) => Buffer.from(`${line}\n`));
  const run = newFrames(
    frames.length,
    frames.reduce((sum, frame) => sum + frame.length, 0),
  );
  let at = 0;
  for (const [index, frame] of frames.entries()) {
    run.headers[index * FRAME_HEADER_WORDS + FRAME_LENGTH] = frame.length;
    run.headers[index * FRAME_HEADER_WORDS + FRAME_BODY] = typeof body === 'number' ? body : (body[index] ?? 0);
    run.headers[index * FRAME_HEADER_WORDS + FRAME_HELD_AT] =
      typeof heldAt === 'number' ? heldAt : (heldAt[index] ?? 0);
    run.headers[index * FRAME_HEADER_WORDS + FRAME_NUMBER] = numbers[index] ?? 0;
    run.bytes.set(frame, at);
    at += frame.length;
  }
  return run;
}

/** A run as a delivery of a shard. */
export function deliveredOf({ headers, bytes, count }: Frames): DeliveredFrames {
  const inMemory = new Memory(headers.buffer);
  const inBytes = bytes.buffer === headers.buffer ? inMemory : new Memory(bytes.buffer);
  return new DeliveredFrames().set(inMemory, headers.byteOffset >> 2, count, inBytes, bytes.byteOffset, bytes.length);
}

/** The lines of a run, cut by its headers. Throws if a frame is not one line. */
export function linesOf(run: Frames): string[] {
  const lines: string[] = [];
  let at = 0;
  for (let i = 0; i < run.count; i++) {
    const length = run.headers[i * FRAME_HEADER_WORDS + FRAME_LENGTH] ?? 0;
    const text = Buffer.from(run.bytes.subarray(at, at + length)).toString();
    if (!text.endsWith('\n')) throw new Error(`a frame without its LF: ${JSON.stringify(text)}`);
    lines.push(text.slice(0, -1));
    at += length;
  }
  if (at !== run.bytes.length) throw new Error(`headers speak of ${at} bytes, there are ${run.bytes.length}`);
  return lines;
}

/** When each frame of a run was first held. */
export function heldAtOf(run: Frames): number[] {
  return [...run.headers].filter((_, index) => index % FRAME_HEADER_WORDS === FRAME_HELD_AT);
}

/** The number of each frame of a run. */
export function numbersOf(run: Frames): number[] {
  return [...run.headers].filter((_, index) => index % FRAME_HEADER_WORDS === FRAME_NUMBER);
}

/** The word FRAME_BODY of each frame of a run. */
export function bodiesOf(run: Frames): number[] {
  return [...run.headers].filter((_, index) => index % FRAME_HEADER_WORDS === FRAME_BODY);
}

/** A line whose frame, LF included, has `bytes` bytes. */
export function lineOf(bytes: number, fill = 'x'): string {
  return fill.repeat(bytes - 1);
}
