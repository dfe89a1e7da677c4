/**
 * How many bytes each writer of this shard may have in hand. A frame is in hand from when it is handed to the writer
 * until the writer reports it as written, or returns it.
 *
 * What must be true (I20): a writer has no more in hand than its window. One exception: a writer that may have written
 * all it has, without a report, can be handed one frame of any size.
 */
import type { Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { ShardSettings } from '../../../src/shared/wire/port/shard-task.ts';
import type { Attachment } from '../../names/attachment.ts';

export class WriterWindows {
  readonly #settings: ShardSettings;
  /** The frames of this turn. They count as in hand, though they go to their writers only at its end. */
  readonly #turn: { readonly bytes: number };
  /** What all writers of this shard have in hand, without the frames of this turn. */
  #outstandingBytes = 0;

  constructor(settings: ShardSettings, turn: { readonly bytes: number }) {
    this.#settings = settings;
    this.#turn = turn;
  }

  /**
   * Whether a frame of so many bytes may be handed over. A writer that may have written all it has takes a frame of any
   * size.
   */
  fits(holder: Attachment, bytes: number): boolean {
    const outstanding = holder.outstandingBytes;
    if (holder.outstandingFrames >= holder.windowFrames) return false;
    return outstanding + bytes <= this.#windowOf(holder) || outstanding <= this.#settings.unreportedBytes;
  }

  /** The room that is left in the window. It is negative if the writer has more in hand than its window. */
  roomOf(holder: Attachment): number {
    return this.#windowOf(holder) - holder.outstandingBytes;
  }

  /** How many more frames may be handed over. */
  framesLeft(holder: Attachment): number {
    return Math.max(0, holder.windowFrames - holder.outstandingFrames);
  }

  /** Whether the writer may have written all it has: writers report small amounts late. */
  mayHaveWrittenAll(holder: Attachment): boolean {
    return holder.outstandingBytes <= this.#settings.unreportedBytes;
  }

  /** Counts a new attachment. Its writer may have frames in hand from a life of this shard that crashed. */
  began(attachment: Attachment): void {
    this.#outstandingBytes += attachment.outstandingBytes;
  }

  handed(bytes: number): void {
    this.#outstandingBytes += bytes;
  }

  /** A writer has reported how much it has written in all. @returns whether that is more than was known */
  written(attachment: Attachment, frames: number, bytes: number): boolean {
    const before = attachment.outstandingBytes;
    const isMore = attachment.noteWritten(frames, bytes);
    this.#outstandingBytes += attachment.outstandingBytes - before;
    if (isMore) attachment.openWindow(this.#settings.writeWindowBytes);
    return isMore;
  }

  /** A writer has returned mail. @returns false if that is more than the writer had; then nothing is counted */
  returned(attachment: Attachment, runs: readonly Frames[]): boolean {
    const before = attachment.outstandingBytes;
    const taken = attachment.noteReturned(runs);
    this.#outstandingBytes += attachment.outstandingBytes - before;
    return taken;
  }

  /** While all writers together have too much in hand, every window counts as 0. */
  #windowOf(holder: Attachment): number {
    return this.#outstandingBytes + this.#turn.bytes < this.#settings.handedBytes ? holder.windowBytes : 0;
  }
}
