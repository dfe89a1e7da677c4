/** What a writer is made with. */
import type { WriteBuffers } from '../../shared/memory/write-buffers.ts';
import type { Frames } from '../../shared/wire/frames/frames.ts';
import type { Progress } from '../../shared/wire/records.ts';

/** What a writer reports to. */
export interface WriterHome {
  /**
   * Frames were written. The counts are sums since the attachment began, modulo 2^32; `lastNumber` is the number of the
   * last frame.
   */
  written(frames: number, bytes: number, lastNumber: number): void;
  /** Mail was not written. @param last whether the writer has finished; true exactly once */
  returned(last: boolean, progress: Progress, runs: Frames[]): void;
}

/** The options of a writer. */
export interface WriterOptions {
  /** Written bytes up to this many are not reported at once, which saves records. */
  readonly reportAfterBytes: number;
  /** The buffers to write from. All writers share them. */
  readonly writeBuffers: WriteBuffers;
  /** Whether a frame counts as written only once `acknowledged` covers it. */
  readonly acknowledges?: boolean;
}
