/** The counters of one life of a shard: frames delivered and returned, and messages dropped, by reason. */
import type { DropReason } from '../../src/shared/codes/drops.ts';

export class ShardCounts {
  /** Frames that were handed to writers, and frames that writers have returned. */
  delivered = 0;
  returned = 0;
  /** Of the delivered frames, those that had waited in a mailbox. */
  fed = 0;
  /** Messages that came to mailboxes: of names that are away, or durable; and of peers that read slowly. */
  held = 0;
  queued = 0;
  /** Messages that repeated an earlier one, and were not taken again. */
  repeats = 0;
  /** Of the returned frames, those that a program may have and has not acknowledged. */
  redelivered = 0;
  /** Batches and returns that were invalid. */
  malformed = 0;
  readonly dropped: Record<DropReason, number> = {
    UNKNOWN_NAME: 0,
    MAILBOX_MESSAGES: 0,
    MAILBOX_BYTES: 0,
    HELD_BYTES: 0,
    STORE_UNWRITABLE: 0,
    TOO_OLD: 0,
    EXPIRED: 0,
    PURGED: 0,
    NOTHING_HELD: 0,
    REJECTED: 0,
    MAIL_DAMAGED: 0,
  };
}
