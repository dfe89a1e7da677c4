/**
 * How much each writer of this shard may have in hand: handed to it, and neither reported written nor given back.
 *
 * What must be true (I20): a writer has no more in hand than its window, or than one frame beside what it need not
 * report yet.
 */
import type { Frames } from '../../../src/shared/wire/frames.ts';
import type { ShardSettings } from '../../../src/shared/wire/shard-task.ts';
import type { Attachment } from '../../names/attachment.ts';

export class WriterWindows {
  readonly #settings: ShardSettings;
  /** The frames of this turn: they count as in hand, though they are not handed over yet. */
  readonly #turn: { readonly bytes: number };
  /** What all writers of this shard have in hand, but for the frames of this turn. */
  #outstandingBytes = 0;

  constructor(settings: ShardSettings, turn: { readonly bytes: number }) {
    this.#settings = settings;
    this.#turn = turn;
  }

  /** Whether the window of the writer has room. If the writer may have written all it has, any frame fits. */
  fits(holder: Attachment, bytes: number): boolean {
    const outstanding = holder.outstandingBytes;
    return outstanding + bytes <= this.#windowOf(holder) || outstanding <= this.#settings.unreportedBytes;
  }

  /** How much room the window of the writer has: below 0 if the writer has too much in hand. */
  roomOf(holder: Attachment): number {
    return this.#windowOf(holder) - holder.outstandingBytes;
  }

  /** Whether the writer may have written all it has, and not reported it. */
  mayHaveWrittenAll(holder: Attachment): boolean {
    return holder.outstandingBytes <= this.#settings.unreportedBytes;
  }

  /** An attachment has begun. Its writer may have frames in hand that a crashed life of this shard handed out. */
  began(attachment: Attachment): void {
    this.#outstandingBytes += attachment.outstandingBytes;
  }

  /** Frames of so many bytes were handed over. */
  handed(bytes: number): void {
    this.#outstandingBytes += bytes;
  }

  /** A writer has reported the sums of what it has written. @returns whether that is more than was known */
  written(attachment: Attachment, frames: number, bytes: number): boolean {
    const before = attachment.outstandingBytes;
    const isMore = attachment.noteWritten(frames, bytes);
    this.#outstandingBytes += attachment.outstandingBytes - before;
    if (isMore) attachment.openWindow(this.#settings.writeWindowBytes);
    return isMore;
  }

  /** A writer has given mail back. @returns false, and nothing is taken, if that is more than it had */
  returned(attachment: Attachment, runs: readonly Frames[]): boolean {
    const before = attachment.outstandingBytes;
    const taken = attachment.noteReturned(runs);
    this.#outstandingBytes += attachment.outstandingBytes - before;
    return taken;
  }

  /** While all writers together have too much in hand, nobody has a window. */
  #windowOf(holder: Attachment): number {
    return this.#outstandingBytes + this.#turn.bytes < this.#settings.handedBytes ? holder.windowBytes : 0;
  }
}
