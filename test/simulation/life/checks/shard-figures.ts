/** Checks the figures of one shard against each other. */
import type { Place } from '../../world/shards.ts';

/** What is allowed for a shard. */
export interface Allowed {
  /** How many messages may have been dropped: their name is unknown, or they are damaged, rejected, or expired. */
  readonly unknown: number;
  readonly damaged: number;
  readonly rejected: number;
  readonly expired: number;
}

/** @throws if a figure is wrong */
export function checkShardFigures({ thread }: Place, allowed: Allowed): void {
  if (thread === undefined || thread.isOver) return;
  const { shard, budget, store } = thread;
  const { heldBytes, memoryBytes, heldMessages, malformed, dropped } = shard.stats();
  if (dropped.PURGED !== thread.purged) throw new Error(`${dropped.PURGED} are counted of ${thread.purged} purged`);
  if (malformed > 0) throw new Error('a record made no sense to its shard');
  if (heldBytes !== budget.used) throw new Error(`${heldBytes} bytes are held, and ${budget.used} counted`);
  if (heldBytes < 0 || heldMessages < 0) throw new Error(`${heldMessages} messages of ${heldBytes} bytes are held`);
  if (memoryBytes < 0 || memoryBytes > heldBytes)
    throw new Error(`${memoryBytes} of ${heldBytes} bytes are counted in memory`);
  if (new Set(store.readFor).size < store.readFor.length) throw new Error('the mail of a name is read twice at once');
  if (heldMessages === 0 && heldBytes !== 0) throw new Error(`${heldBytes} bytes are held, of no message`);
  const most: Readonly<Record<string, number>> = {
    STORE_UNWRITABLE: Number.POSITIVE_INFINITY,
    UNKNOWN_NAME: allowed.unknown,
    MAIL_DAMAGED: allowed.damaged,
    REJECTED: allowed.rejected,
    EXPIRED: allowed.expired,
    TOO_OLD: allowed.expired,
    PURGED: Number.POSITIVE_INFINITY,
  };
  for (const [reason, count] of Object.entries(dropped))
    if (count > (most[reason] ?? 0)) throw new Error(`${count} messages were dropped: ${reason}`);
}
