/** Looks at frames that wait in a queue, and leaves them there. */
import type { FrameQueue } from './frame-queue.ts';
import { FRAME_BODY, type Frames } from './frames.ts';

/**
 * Sets a bit of FRAME_BODY in the frame with this number, modulo 2^32.
 * @returns a view of the frame, which is valid as that of `takeView`; undefined if there is none, or it has the bit
 */
export function markFrame({ segments }: Pick<FrameQueue, 'segments'>, number: number, bit: number): Frames | undefined {
  for (const segment of segments) {
    const frame = segment.find(number);
    if (frame === undefined) continue;
    const body = frame.headers[FRAME_BODY] as number;
    frame.headers[FRAME_BODY] = body | bit;
    return (body & bit) === 0 ? frame : undefined;
  }
  return undefined;
}

/**
 * Visits the frames behind the one with this number, modulo 2^32, in order, until `visit` returns false.
 * @param visit gets a view of each, which is valid as that of `takeView`
 */
export function visitBehind(
  { segments }: Pick<FrameQueue, 'segments'>,
  number: number,
  visit: (frame: Frames) => boolean,
): void {
  for (const segment of segments) if (!segment.visitBehind(number, visit)) return;
}
