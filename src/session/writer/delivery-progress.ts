/** The sums of what one writer was handed and has written, modulo 2^32. They are reported to its home. */
import { add, since } from '../../shared/common/serial-arithmetic.ts';
import { FRAME_NUMBER, type Frames, frameWord, kindsOf, WANTS_RECEIPT } from '../../shared/wire/frames/frames.ts';
import type { Progress } from '../../shared/wire/records.ts';
import type { WriterHome, WriterOptions } from './writer-home.ts';

export class DeliveryProgress implements Progress {
  handedFrames = 0;
  handedBytes = 0;
  handedNumber = 0;
  writtenFrames = 0;
  writtenBytes = 0;
  writtenNumber = 0;
  #reportedBytes = 0;
  #reportAfterBytes: number;
  readonly #home: WriterHome;
  readonly #receipts: WriterOptions['receipts'];

  constructor(home: WriterHome, { reportAfterBytes, receipts }: Pick<WriterOptions, 'reportAfterBytes' | 'receipts'>) {
    this.#home = home;
    this.#reportAfterBytes = reportAfterBytes;
    this.#receipts = receipts;
  }

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

  /** These frames count as written. Their senders are told, if they wish. */
  done(frames: Frames): void {
    this.written(frames.count, frames.bytes.length, frameWord(frames, frames.count - 1, FRAME_NUMBER));
    if ((kindsOf(frames) & WANTS_RECEIPT) !== 0) this.#receipts.tell(frames, this.#home.name, 'acked');
  }

  /** From now on, reports as soon as anything is written. */
  reportEach(): void {
    this.#reportAfterBytes = 0;
  }

  /** Reports, unless little was written. @param stored whether some of it may be in the store, until it is reported */
  report(stored: boolean): void {
    if (since(this.writtenBytes, this.#reportedBytes) <= this.#reportAfterBytes && !stored) return;
    this.#reportedBytes = this.writtenBytes;
    this.#home.written(this.writtenFrames, this.writtenBytes, this.writtenNumber);
  }

  /** A copy that does not change. */
  get now(): Progress {
    const { handedFrames, handedBytes, handedNumber, writtenFrames, writtenBytes, writtenNumber } = this;
    return { handedFrames, handedBytes, handedNumber, writtenFrames, writtenBytes, writtenNumber };
  }
}
