/** What a shard has done since it began, counted: frames handed out and given back, and what was dropped, by reason. */
import type { DropReason } from '../../src/shared/codes/drops.ts';

export class ShardCounts {
  /** Frames handed to writers, and of those given back. */
  delivered = 0;
  returned = 0;
  /** Batches and returns that make no sense. */
  malformed = 0;
  readonly dropped: Record<DropReason, number> = {
    UNKNOWN_NAME: 0,
    MAILBOX_MESSAGES: 0,
    MAILBOX_BYTES: 0,
    HELD_BYTES: 0,
    STORE_UNWRITABLE: 0,
    TOO_OLD: 0,
    NOTHING_HELD: 0,
    MAIL_DAMAGED: 0,
  };
}
