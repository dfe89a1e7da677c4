/** What a writer is made with. */
import type { Encoder } from '../../protocol/protocol.ts';
import type { WriteBuffers } from '../../shared/memory/write-buffers.ts';
import type { Frames } from '../../shared/wire/frames/frames.ts';
import type { Progress } from '../../shared/wire/records.ts';
import type { Receipts } from '../program/receipts.ts';
import type { Turns } from '../reader/turns.ts';

/** The part of an encoder that a writer uses. */
export type FrameEncoder = Pick<Encoder, 'encodes' | 'encode'>;

/** What a writer reports to. */
export interface WriterHome {
  /** The name that the frames are for. */
  readonly name: Uint8Array | undefined;
  /**
   * Frames were written. The counts are sums since the attachment began, modulo 2^32; `lastNumber` is the number of the
   * last frame.
   */
  written(frames: number, bytes: number, lastNumber: number): void;
  /** Nothing waits for the socket any more: a write that went on is over, or the writer has finished. */
  caughtUp(): void;
  /** Mail was not written. @param last whether the writer has finished; true exactly once */
  returned(last: boolean, progress: Progress, runs: Frames[]): void;
}

/** The options of a writer. */
export interface WriterOptions {
  /** Written bytes up to this many are not reported at once, which saves records. */
  readonly reportAfterBytes: number;
  /** The buffers to write from. All writers share them. */
  readonly writeBuffers: WriteBuffers;
  /** Is told of frames that are done with and whose senders want to know. */
  readonly receipts: Pick<Receipts, 'tell'>;
  readonly turns: Pick<Turns, 'atEnd'>;
  /** The form in which frames are written. */
  readonly encoder: FrameEncoder;
}
