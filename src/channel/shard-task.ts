/** What the main thread gives a shard's thread to begin with: one task is one shard's whole life. */
import type { MessagePort } from 'node:worker_threads';

/** The limits and ways of a shard; sizes in bytes, times in seconds, `Infinity` for a limit that was lifted. */
export interface ShardSettings {
  readonly holdSeconds: number;
  readonly notices: boolean;
  readonly mailboxMaxMessages: number;
  readonly mailboxMaxBytes: number;
  readonly writeWindowBytes: number;
  /** Names that are away and remembered, of this shard alone. */
  readonly maxNames: number;
}

export interface ShardTask {
  readonly data: MessagePort;
  readonly control: MessagePort;
  readonly settings: ShardSettings;
  readonly shard: number;
  /** Bytes held, as BigInt64: the sum of all shards, then each shard's own part. */
  readonly held: SharedArrayBuffer;
  readonly heldMaxBytes: number;
  /** How many shards there are: which names are this one's. */
  readonly shards: number;
  /** The folder of the store; undefined where nothing is held. */
  readonly dataDir: string | undefined;
}

/** A shard is gone with what it held: takes its part out of the sum. */
export function forgetHeld(held: SharedArrayBuffer, shard: number): void {
  const counts = new BigInt64Array(held);
  Atomics.sub(counts, 0, Atomics.exchange(counts, 1 + shard, 0n));
}
