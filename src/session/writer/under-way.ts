/** One write of a session: which frames it has, and how many of them the kernel has taken. */
import { WRITE_BUFFER_BYTES } from '../../shared/memory/write-buffers.ts';
import { FRAME_LENGTH, type Frames, framesWithin, frameWord, NO_FRAMES } from '../../shared/wire/frames/frames.ts';

/** The write. It has no frames if it is a notice, or if its frames are kept elsewhere. */
export interface UnderWay {
  readonly frames: Frames;
  /** The bytes that are written. */
  readonly staged: Uint8Array;
  /** Where each frame ends in these bytes; undefined if they are the bytes of the frames. */
  readonly ends: Int32Array | undefined;
}

/** No write. */
export const NOTHING_UNDER_WAY: UnderWay = { frames: NO_FRAMES, staged: NO_FRAMES.bytes, ends: undefined };

/** @returns how many frames are wholly in the first `takenBytes` bytes of a write, and their length in bytes */
export function takenFrames({ frames, ends }: UnderWay, takenBytes: number): { count: number; length: number } {
  if (ends === undefined) return framesWithin(frames, takenBytes);
  let count = 0;
  let length = 0;
  while (count < frames.count && (ends[count] as number) <= takenBytes) {
    length += frameWord(frames, count, FRAME_LENGTH);
    count++;
  }
  return { count, length };
}

/** @returns how many frames at the front go into one write, and their length in bytes: at least one */
export function sliceOf(frames: Frames): { count: number; length: number } {
  if (frames.bytes.length <= WRITE_BUFFER_BYTES) return { count: frames.count, length: frames.bytes.length };
  const slice = framesWithin(frames, WRITE_BUFFER_BYTES);
  return slice.count > 0 ? slice : framesWithin(frames, frames.headers[0] as number);
}
