/**
 * The window of a writer: how much mail it may be handed before it has written it. The window grows as the peer reads,
 * so a peer that never reads costs the first window only. A writer reports written bytes late, to save records.
 * Therefore a writer that holds no more than may be unreported is always handed one frame, however large: otherwise
 * mail would wait for a report that does not come.
 */
import type { Config } from '../shared/common/config.ts';

/** The first window, unless a setting needs another one. */
const FIRST_WINDOW_BYTES = 64 * 1024;
/** The most written bytes that need no report. */
const REPORT_AFTER_BYTES = 16 * 1024;
/** The bytes of a frame besides the name and the message: `from `, `: ` and LF. */
const FRAME_EXTRA_BYTES = 8;

/** @returns the window of a peer that has read nothing yet, in bytes */
export function firstWindowBytes(config: Config): number {
  return Math.min(config.WRITE_WINDOW_BYTES, Math.max(FIRST_WINDOW_BYTES, largestFrameBytes(config)));
}

/** @returns how many written bytes a writer need not report */
export function reportAfterBytes(config: Config): number {
  return Math.min(Math.floor(firstWindowBytes(config) / 4), REPORT_AFTER_BYTES);
}

/** @returns the length of the longest possible frame, in bytes */
export function largestFrameBytes({ MAX_LINE_BYTES, MAX_NAME_BYTES }: Config): number {
  return MAX_LINE_BYTES + MAX_NAME_BYTES + FRAME_EXTRA_BYTES;
}
