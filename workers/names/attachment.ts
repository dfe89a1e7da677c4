/**
 * An attachment is one peer's time under one name. It counts the frames that the peer's writer was handed.
 *
 * What must be true at every moment (I2): handed = written + returned + what the writer still has, in frames and in
 * bytes, each frame counted once. All sums run modulo 2^32, so only their differences mean anything.
 */
import { add, since } from '../../src/shared/common/serial-arithmetic.ts';
import type { Frames } from '../../src/shared/wire/frames.ts';
import type { AttachmentNumber, Progress } from '../../src/shared/wire/records.ts';
import type { Name } from './name.ts';

/**
 * The window doubles when the peer has taken so many windows. The kernel takes megabytes even for a peer that reads
 * nothing, so what is written early says little.
 */
const WINDOWS_TO_OPEN = 16;

export class Attachment {
  readonly number: AttachmentNumber;
  readonly name: Name;
  /** Mail that came back, oldest first. It is kept here until every frame is accounted for. */
  readonly returned: Frames[] = [];
  /** True once its writer has finished. */
  ended = false;
  #handedFrames: number;
  #handedBytes: number;
  #writtenFrames: number;
  #writtenBytes: number;
  #returnedFrames = 0;
  #returnedBytes = 0;
  #windowBytes: number;
  /** What was written when the window was doubled last. */
  #openedAtBytes: number;

  constructor(number: AttachmentNumber, name: Name, progress: Progress, windowBytes: number) {
    this.number = number;
    this.name = name;
    this.#windowBytes = windowBytes;
    this.#handedFrames = progress.handedFrames;
    this.#handedBytes = progress.handedBytes;
    this.#writtenFrames = progress.writtenFrames;
    this.#writtenBytes = progress.writtenBytes;
    this.#openedAtBytes = progress.writtenBytes;
  }

  /** How many bytes the writer may have in hand. */
  get windowBytes(): number {
    return this.#windowBytes;
  }

  /** Frames that the writer was handed and has neither reported written nor given back. */
  get outstandingFrames(): number {
    return since(since(this.#handedFrames, this.#writtenFrames), this.#returnedFrames);
  }

  /** The bytes of those frames. */
  get outstandingBytes(): number {
    return since(since(this.#handedBytes, this.#writtenBytes), this.#returnedBytes);
  }

  /** Frames that the writer was handed and has not written. Once it has finished, they have come back or will. */
  get unwrittenFrames(): number {
    return since(this.#handedFrames, this.#writtenFrames);
  }

  /** Notes frames that go to the writer. */
  noteHanded(frames: number, bytes: number): void {
    this.#handedFrames = add(this.#handedFrames, frames);
    this.#handedBytes = add(this.#handedBytes, bytes);
  }

  /** Doubles the window, up to `maxBytes`, if the peer has taken enough since it was doubled last. */
  openWindow(maxBytes: number): void {
    if (this.#windowBytes >= maxBytes) return;
    if (since(this.#writtenBytes, this.#openedAtBytes) < this.#windowBytes * WINDOWS_TO_OPEN) return;
    this.#windowBytes = Math.min(maxBytes, this.#windowBytes * 2);
    this.#openedAtBytes = this.#writtenBytes;
  }

  /** Notes mail that came back. @returns false, and takes none of it, if that is more than the writer has */
  noteReturned(runs: readonly Frames[]): boolean {
    let frames = 0;
    let bytes = 0;
    for (const run of runs) {
      frames += run.count;
      bytes += run.bytes.length;
    }
    if (frames > this.outstandingFrames || bytes > this.outstandingBytes) return false;
    this.#returnedFrames = add(this.#returnedFrames, frames);
    this.#returnedBytes = add(this.#returnedBytes, bytes);
    this.returned.push(...runs);
    return true;
  }

  /**
   * Notes the sums that the writer reports. It cannot have written more than it was handed, nor less than before: such
   * sums are not true, and are ignored.
   * @returns whether more frames are written than was known
   */
  noteWritten(frames: number, bytes: number): boolean {
    const newFrames = since(frames, this.#writtenFrames);
    const newBytes = since(bytes, this.#writtenBytes);
    if (newFrames < 0 || newBytes < 0) return false;
    if (newFrames > this.outstandingFrames || newBytes > this.outstandingBytes) return false;
    this.#writtenFrames = frames;
    this.#writtenBytes = bytes;
    return newFrames > 0;
  }
}
