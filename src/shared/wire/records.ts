/** What the records that cross a data port are made of. */

/** The number of an attachment: one peer's time under one name. From 1 to 2^31 - 1. */
export type AttachmentNumber = number;

/** Delivery progress: what a writer was handed and has written since its attachment began. */
export interface Progress {
  readonly handedFrames: number;
  readonly handedBytes: number;
  /** The number of the last frame handed; 0 before the first. */
  readonly handedNumber: number;
  readonly writtenFrames: number;
  readonly writtenBytes: number;
  /** The number of the last frame written; 0 before the first. */
  readonly writtenNumber: number;
}
