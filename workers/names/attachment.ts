import { add, since } from '../../src/shared/common/serial.ts';
import type { Frames } from '../../src/shared/wire/frames.ts';
import type { AttachmentNumber, Progress } from '../../src/shared/wire/records.ts';
import type { Name } from './name-table.ts';

/**
 * A window opens when it has been written so many times over. A system takes megabytes for a peer that reads nothing:
 * what is written early says little.
 */
const WINDOWS_TO_OPEN = 16;

/**
 * One peer's time under one name, and the account of its frames. What must be true at every moment:
 * handed = written + returned + what the writer still has, in frames and in bytes, each frame counted once.
 * All sums run modulo 2^32 (serial.ts): only differences of them are meant.
 */
export class Attachment {
  readonly number: AttachmentNumber;
  readonly name: Name;
  handedFrames: number;
  handedBytes: number;
  writtenFrames: number;
  writtenBytes: number;
  returnedFrames = 0;
  returnedBytes = 0;
  /** Mail that came back, oldest first, until the account is right. */
  readonly returned: Frames[] = [];
  /** How much it may be handed that it has not written. */
  windowBytes: number;
  /** What was written when the window was opened last. */
  #openedAtBytes: number;
  /** True once its writer has finished. */
  ended = false;

  constructor(number: AttachmentNumber, name: Name, progress: Progress, windowBytes: number) {
    this.number = number;
    this.name = name;
    this.windowBytes = windowBytes;
    this.handedFrames = progress.handedFrames;
    this.handedBytes = progress.handedBytes;
    this.writtenFrames = progress.writtenFrames;
    this.writtenBytes = progress.writtenBytes;
    this.#openedAtBytes = progress.writtenBytes;
  }

  /** Frames the writer has and has neither reported written nor given back. */
  get outstandingFrames(): number {
    return since(since(this.handedFrames, this.writtenFrames), this.returnedFrames);
  }

  /** The bytes of those frames. */
  get outstandingBytes(): number {
    return since(since(this.handedBytes, this.writtenBytes), this.returnedBytes);
  }

  /** Once it has ended: what it was handed and did not write has come back, or will. */
  get unwrittenFrames(): number {
    return since(this.handedFrames, this.writtenFrames);
  }

  /** Doubles the window, up to `maxBytes`, if its peer has taken enough since it was opened last. */
  openWindow(maxBytes: number): void {
    if (this.windowBytes >= maxBytes) return;
    if (since(this.writtenBytes, this.#openedAtBytes) < this.windowBytes * WINDOWS_TO_OPEN) return;
    this.windowBytes = Math.min(maxBytes, this.windowBytes * 2);
    this.#openedAtBytes = this.writtenBytes;
  }

  /** Notes mail that came back. @returns false, and takes none of it, if more comes back than the writer had */
  noteReturned(runs: readonly Frames[]): boolean {
    let frames = 0;
    let bytes = 0;
    for (const run of runs) {
      frames += run.count;
      bytes += run.bytes.length;
    }
    if (frames > this.outstandingFrames || bytes > this.outstandingBytes) return false;
    this.returnedFrames = add(this.returnedFrames, frames);
    this.returnedBytes = add(this.returnedBytes, bytes);
    this.returned.push(...runs);
    return true;
  }

  /**
   * Notes the writer's own sums. Nothing that was not handed can be written: a larger sum is corrupt, and is
   * ignored.
   * @returns whether there is more written than was known
   */
  noteWritten(frames: number, bytes: number): boolean {
    const newFrames = since(frames, this.writtenFrames);
    const newBytes = since(bytes, this.writtenBytes);
    if (newFrames < 0 || newBytes < 0) return false;
    if (newFrames > this.outstandingFrames || newBytes > this.outstandingBytes) return false;
    this.writtenFrames = frames;
    this.writtenBytes = bytes;
    return newFrames > 0;
  }
}
