/** What the shard sends to the main thread. It is gathered and posted once a turn; where it is much, in pieces. */
import { BatchBuilder, type Post } from '../../src/shared/wire/batch.ts';
import { deliveredSize } from '../../src/shared/wire/to-main.ts';

/**
 * Pieces have about this size, so that the main thread can begin early. Measured: with 32 KiB, messages of 2,000 bytes
 * to eight names are 0.6 times as fast.
 */
const PIECE_BYTES = 128 * 1024;

export class Outgoing {
  /** Where records are put. */
  readonly batch: BatchBuilder;
  readonly #post: (post: Post) => void;

  constructor(post: (post: Post) => void, batch = new BatchBuilder()) {
    this.#post = post;
    this.batch = batch;
  }

  /** Posts what is gathered, if a delivery would not fit beside it: growing the buffer would copy all of it. */
  makeRoom(frames: number, bytes: number): void {
    if (!this.batch.fits(deliveredSize(frames, bytes))) this.post();
  }

  /** Posts what is gathered, if it is a whole piece. */
  postIfFull(): void {
    if (this.batch.used >= PIECE_BYTES) this.post();
  }

  /** Posts what is gathered, if anything is. */
  post(): void {
    const post = this.batch.take();
    if (post !== undefined) this.#post(post);
  }
}
