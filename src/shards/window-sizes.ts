/**
 * How much a writer may be handed. The window opens as its peer reads: one that never does costs the first window and
 * not the whole. What is written is reported late, to save the records about it, so a writer that has no more than that
 * in hand is always given one frame, however large: nothing waits for a report that does not come.
 */
import type { Config } from '../shared/common/config.ts';

const FIRST_WINDOW_BYTES = 64 * 1024;
const REPORT_AFTER_BYTES = 16 * 1024;
/** What a delivered line has beside its name and its message: `from `, `: ` and the LF. */
const FRAME_EXTRA_BYTES = 8;

/** The window of a peer that has read nothing yet. */
export function firstWindowBytes(config: Config): number {
  return Math.min(config.WRITE_WINDOW_BYTES, Math.max(FIRST_WINDOW_BYTES, largestFrameBytes(config)));
}

/** Written bytes that a writer need not report at once. */
export function reportAfterBytes(config: Config): number {
  return Math.min(Math.floor(firstWindowBytes(config) / 4), REPORT_AFTER_BYTES);
}

/** The longest delivered line. */
export function largestFrameBytes({ MAX_LINE_BYTES, MAX_NAME_BYTES }: Config): number {
  return MAX_LINE_BYTES + MAX_NAME_BYTES + FRAME_EXTRA_BYTES;
}
