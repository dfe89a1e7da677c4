/** What a shard has done since it began, counted: frames handed out and given back, and what was dropped, by reason. */
import type { DropReason } from '../../src/shared/wire/control.ts';

export class ShardCounts {
  /** Frames handed to writers, and of those given back. */
  delivered = 0;
  returned = 0;
  /** Batches and returns that make no sense. */
  malformed = 0;
  readonly dropped: Record<DropReason, number> = {
    'unknown name': 0,
    'mailbox has too many messages': 0,
    'mailbox has too many bytes': 0,
    'all mailboxes have too many bytes': 0,
    'the store cannot be written': 0,
    'too old': 0,
    'nothing is held': 0,
    'damaged in the store': 0,
  };
}
