/**
 * Messages that are dropped after they were taken: each is counted, and the sender is told if it has asked for that.
 */
import type { DropReason } from '../../../src/shared/codes/drops.ts';
import { FRAME_BODY, type Frames, forEachFrame, WANTS_RECEIPT } from '../../../src/shared/wire/frames/frames.ts';
import { putExpired } from '../../../src/shared/wire/to-main.ts';
import type { ShardCounts } from '../counts.ts';
import type { Outgoing } from '../outgoing.ts';

/** Sees each message that is purged: a simulation must know which. */
export type Purged = (name: Uint8Array, frame: Uint8Array) => void;

export class Drops {
  readonly #counts: ShardCounts;
  readonly #outgoing: Outgoing;
  readonly #purged: Purged | undefined;

  constructor(counts: ShardCounts, outgoing: Outgoing, purged?: Purged) {
    this.#counts = counts;
    this.#outgoing = outgoing;
    this.#purged = purged;
  }

  /** A message to `name` was dropped. @param body the word FRAME_BODY of its header */
  one(name: Uint8Array, reason: DropReason, frame: Uint8Array, body: number): void {
    this.#counts.dropped[reason]++;
    if (reason === 'PURGED') this.#purged?.(name, frame);
    if ((body & WANTS_RECEIPT) === 0) return;
    putExpired(this.#outgoing.batch, name, frame, body, reason === 'PURGED' ? 'purged' : 'expired');
    // A whole mailbox can expire in one turn.
    this.#outgoing.postIfFull();
  }

  /** Frames to `name` were dropped. */
  all(name: Uint8Array, reason: DropReason, frames: Frames): void {
    forEachFrame(frames, (at, length, header) => {
      const body = frames.headers[header + FRAME_BODY] as number;
      this.one(name, reason, frames.bytes.subarray(at, at + length), body);
    });
  }
}
