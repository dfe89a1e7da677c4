/** The sums of what one writer was handed and has written, modulo 2^32. */
import { add, since } from '../../shared/common/serial-arithmetic.ts';
import type { Progress } from '../../shared/wire/records.ts';

export class DeliveryProgress implements Progress {
  handedFrames = 0;
  handedBytes = 0;
  handedNumber = 0;
  writtenFrames = 0;
  writtenBytes = 0;
  writtenNumber = 0;
  #reportedBytes = 0;

  /** Frames were handed over. @param lastNumber that of the last of them */
  handed(count: number, bytes: number, lastNumber: number): void {
    this.handedFrames = add(this.handedFrames, count);
    this.handedBytes = add(this.handedBytes, bytes);
    this.handedNumber = lastNumber;
  }

  /** Frames count as written. @param lastNumber all frames up to this one are done */
  written(count: number, bytes: number, lastNumber: number): void {
    this.writtenFrames = add(this.writtenFrames, count);
    this.writtenBytes = add(this.writtenBytes, bytes);
    this.writtenNumber = lastNumber;
  }

  /** All frames up to this one are done: the last of them count as written already. Undefined if there is none. */
  doneUpTo(number: number | undefined): void {
    this.writtenNumber = number ?? this.writtenNumber;
  }

  /** The written bytes that were not reported. */
  get unreportedBytes(): number {
    return since(this.writtenBytes, this.#reportedBytes);
  }

  /** All that is written is reported. */
  reported(): void {
    this.#reportedBytes = this.writtenBytes;
  }

  /** A copy that does not change. */
  get now(): Progress {
    const { handedFrames, handedBytes, handedNumber, writtenFrames, writtenBytes, writtenNumber } = this;
    return { handedFrames, handedBytes, handedNumber, writtenFrames, writtenBytes, writtenNumber };
  }
}
