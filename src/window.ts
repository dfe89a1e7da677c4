/**
 * How much a writer may be handed. The window opens as its peer reads: one that never does costs the first window and not
 * the whole. What is written is reported late, to save the words about it, so both leave the largest frame its place beside
 * what is not reported yet.
 */
import type { Config } from './config.ts';

const FIRST_WINDOW_BYTES = 64 * 1024;
const REPORT_AFTER_BYTES = 32 * 1024;
/** What a delivered line has beside its name and its message: `from `, `: ` and the LF. */
const FRAME_EXTRA_BYTES = 8;

/** The window of a peer that has read nothing yet. */
export function firstWindowBytes(config: Config): number {
  const roomy = Math.max(FIRST_WINDOW_BYTES, largestFrameBytes(config) + REPORT_AFTER_BYTES);
  return Math.min(config.WRITE_WINDOW_BYTES, roomy);
}

/** Written bytes that a writer need not report at once. */
export function reportAfterBytes(config: Config): number {
  const first = firstWindowBytes(config);
  return Math.max(0, Math.min(first / 4, REPORT_AFTER_BYTES, first - largestFrameBytes(config)));
}

function largestFrameBytes(config: Config): number {
  return config.MAX_LINE_BYTES + config.MAX_NAME_BYTES + FRAME_EXTRA_BYTES;
}
