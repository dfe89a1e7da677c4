/**
 * An attachment is one peer under one name, from its attach to the last frame of its writer. It counts the frames that
 * the writer was handed.
 *
 * What must be true at every moment (I2): handed = written + returned + in the writer's hands, in frames and in bytes.
 * The sums of what was written run modulo 2^32, so only their differences have a meaning.
 */
import { since } from '../../src/shared/common/serial-arithmetic.ts';
import { type Frames, sizeOf } from '../../src/shared/wire/frames/frames.ts';
import type { AttachmentNumber, Progress } from '../../src/shared/wire/records.ts';
import type { Name } from './name.ts';

/**
 * The window doubles when so many windows have been written to the peer. The first writes prove little: the kernel
 * takes megabytes even for a peer that reads nothing.
 */
const WINDOWS_TO_OPEN = 16;

export class Attachment {
  readonly number: AttachmentNumber;
  readonly name: Name;
  /** Mail that the writer returned, oldest first. It stays here until every frame is accounted for. */
  readonly returned: Frames[] = [];
  /** The number of the last frame that was written, modulo 2^32; before the first, the one before it. */
  writtenNumber: number;
  /** Whether its writer has finished. */
  ended = false;
  #outstandingFrames: number;
  #outstandingBytes: number;
  #writtenFrames: number;
  #writtenBytes: number;
  #returnedFrames = 0;
  #windowBytes: number;
  /** The sum of written bytes when the window last doubled. */
  #openedAtBytes: number;

  /** How many frames the writer may have in hand. */
  readonly windowFrames: number;

  constructor(
    number: AttachmentNumber,
    name: Name,
    progress: Progress,
    windowBytes: number,
    windowFrames = Number.POSITIVE_INFINITY,
  ) {
    this.windowFrames = windowFrames;
    this.number = number;
    this.name = name;
    this.#windowBytes = windowBytes;
    this.#outstandingFrames = since(progress.handedFrames, progress.writtenFrames);
    this.#outstandingBytes = since(progress.handedBytes, progress.writtenBytes);
    this.#writtenFrames = progress.writtenFrames;
    this.writtenNumber = progress.writtenNumber;
    this.#writtenBytes = progress.writtenBytes;
    this.#openedAtBytes = progress.writtenBytes;
  }

  /** How many bytes the writer may have in hand. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** Frames in the writer's hands: neither reported as written nor returned. */
  get outstandingFrames(): number {
    return this.#outstandingFrames;
  }

  /** The bytes of those frames. */
  get outstandingBytes(): number {
    return this.#outstandingBytes;
  }

  /** Frames that the writer was handed and has not written. They include those that it has returned. */
  get unwrittenFrames(): number {
    return this.#outstandingFrames + this.#returnedFrames;
  }

  /** Counts frames that go to the writer. */
  noteHanded(frames: number, bytes: number): void {
    this.#outstandingFrames += frames;
    this.#outstandingBytes += bytes;
  }

  /** Doubles the window, up to `maxBytes`, if enough has been written since it last doubled. */
  openWindow(maxBytes: number): void {
    if (this.#windowBytes >= maxBytes) return;
    if (since(this.#writtenBytes, this.#openedAtBytes) < this.#windowBytes * WINDOWS_TO_OPEN) return;
    this.#windowBytes = Math.min(maxBytes, this.#windowBytes * 2);
    this.#openedAtBytes = this.#writtenBytes;
  }

  /** Counts returned mail. @returns false if that is more than the writer has in hand; then nothing is counted */
  noteReturned(runs: readonly Frames[]): boolean {
    const { frames, bytes } = sizeOf(runs);
    if (frames > this.#outstandingFrames || bytes > this.#outstandingBytes) return false;
    this.#outstandingFrames -= frames;
    this.#outstandingBytes -= bytes;
    this.#returnedFrames += frames;
    this.returned.push(...runs);
    return true;
  }

  /**
   * Takes over the sums that the writer reports. Sums that cannot be true are ignored: a writer cannot have written
   * more than it was handed, nor less than it reported before.
   * @returns whether more frames are written than were known
   */
  noteWritten(frames: number, bytes: number): boolean {
    const newFrames = since(frames, this.#writtenFrames);
    const newBytes = since(bytes, this.#writtenBytes);
    if (newFrames < 0 || newBytes < 0) return false;
    if (newFrames > this.#outstandingFrames || newBytes > this.#outstandingBytes) return false;
    this.#outstandingFrames -= newFrames;
    this.#outstandingBytes -= newBytes;
    this.#writtenFrames = frames;
    this.#writtenBytes = bytes;
    return newFrames > 0;
  }
}
