/** The task of a thread: one life of one shard. */
import type { MessagePort } from 'node:worker_threads';
import type { WasmMemory } from '../../memory/arena.ts';
import type { PoolPlace } from '../../memory/buffer-pool.ts';

/**
 * The limits and options of a shard. Sizes are in bytes, times in seconds, and a limit that is switched off is
 * `Infinity`.
 */
export interface ShardSettings {
  readonly holdSeconds: number;
  /** Whether mail is held for names that were never here. */
  readonly holdUnknown: boolean;
  readonly notices: boolean;
  /** Whether a peer whose name is taken waits until it is free. Otherwise it can send, and receives nothing. */
  readonly strict: boolean;
  readonly mailboxMaxMessages: number;
  readonly mailboxMaxBytes: number;
  readonly writeWindowBytes: number;
  /** The window of a peer that has read nothing yet. It doubles as the peer reads, up to `writeWindowBytes`. */
  readonly firstWindowBytes: number;
  /** While its peer is connected, a mailbox has at most this much in memory at its front, and as much at its back. */
  readonly frontBytes: number;
  /**
   * A mailbox whose peer reads may have more than that, while the mailboxes of the shard together have less than this
   * in memory.
   */
  readonly memoryBytes: number;
  /**
   * Once the mailboxes of the shard together have more than this in memory, mail for connected peers goes to the store
   * too.
   */
  readonly fullMemoryBytes: number;
  /**
   * While the writers of the shard together hold more than this, each is handed no more than it may leave unreported.
   */
  readonly handedBytes: number;
  /** The written bytes that a writer need not report. */
  readonly unreportedBytes: number;
  /** The last part of each limit of mailboxes, in percent. It is for senders that have nothing in there yet. */
  readonly reservePercent: number;
  /** How many names of this shard may be remembered while they are away. */
  readonly maxNames: number;
  readonly maxNameBytes: number;
  /** How long a message with the id of an earlier one is a repeat; 0 if none ever is. */
  readonly dedupeSeconds: number;
  /** How many sends of this shard are remembered to recognize repeats. */
  readonly dedupeMax: number;
}

/** The limits of a shard that may change while it runs. The rest of its settings stay until a restart. */
export type ShardLimits = Pick<
  ShardSettings,
  'mailboxMaxMessages' | 'mailboxMaxBytes' | 'reservePercent' | 'maxNames' | 'dedupeSeconds' | 'dedupeMax'
> &
  Pick<ShardTask, 'heldMaxBytes'>;

/** What the last life of the shard handed to one writer. Each number is that of a frame, 0 if there is none. */
export interface PriorDelivery {
  readonly name: Uint8Array;
  readonly handedNumber: number;
  /** Frames up to this one must not be delivered again. They are written, or with a writer that still exists. */
  readonly settledNumber: number;
  readonly writtenNumber: number;
  /** Frames behind that one that were rejected. The crashed life may not have known of that. */
  readonly rejectedNumbers: readonly number[];
}

/** What a thread needs for one life of a shard. The two ports move to it. */
export interface ShardTask {
  readonly arena: WasmMemory;
  /** The pool that the main thread fills, and the pool that the shard fills. */
  readonly toShard: PoolPlace;
  readonly toMain: PoolPlace;
  /** The first bytes of the two rings of posts. */
  readonly toShardRing: number;
  readonly toMainRing: number;
  readonly data: MessagePort;
  readonly control: MessagePort;
  readonly settings: ShardSettings;
  readonly shard: number;
  /** The bytes held, as BigInt64: the sum of all shards, and then the part of each shard. */
  readonly held: SharedArrayBuffer;
  readonly heldMaxBytes: number;
  /** The number of shards, which decides which names are owned here. */
  readonly shards: number;
  /** What the last life of this shard handed to its writers. */
  readonly handed: readonly PriorDelivery[];
  /** The folder of the store; undefined if no mail is held. */
  readonly dataDir: string | undefined;
  /** The memory of the fence between the writers of the store (WriteFence). */
  readonly writers: SharedArrayBuffer;
  /** The base of the clock by which mail ages (RisingClock). */
  readonly clockBase: number;
  /** Whether all stored mail must be counted. It must after the broker was not stopped in order, or after damage. */
  readonly compare: boolean;
}

/** Removes the bytes held by a crashed shard from the sum. @param held see ShardTask */
export function forgetHeld(held: SharedArrayBuffer, shard: number): void {
  const counts = new BigInt64Array(held);
  Atomics.sub(counts, 0, Atomics.exchange(counts, 1 + shard, 0n));
}
