/** What the main thread gives a shard's thread at its start. One task is the whole life of one shard. */
import type { MessagePort } from 'node:worker_threads';
import type { WasmMemory } from '../memory/arena.ts';
import type { LendingPlace } from '../memory/buffer-pool.ts';

/** The limits and options of a shard: sizes in bytes, times in seconds, `Infinity` for a limit that was lifted. */
export interface ShardSettings {
  readonly holdSeconds: number;
  readonly notices: boolean;
  /** Whether a peer whose name is taken waits until it is free; where not, that peer can send and receives nothing. */
  readonly strict: boolean;
  readonly mailboxMaxMessages: number;
  readonly mailboxMaxBytes: number;
  readonly writeWindowBytes: number;
  /** The window of a peer that has read nothing yet: it doubles as the peer reads, up to `writeWindowBytes`. */
  readonly firstWindowBytes: number;
  /** Most bytes of a mailbox that wait in memory, at its front and at its back each, while its peer is there. */
  readonly frontBytes: number;
  /** A mailbox whose peer reads may have more in memory, as long as all of the shard together have less than this. */
  readonly memoryBytes: number;
  /** Past this, in memory for all mailboxes of the shard, what waits for a peer that is there goes to the store too. */
  readonly fullMemoryBytes: number;
  /**
   * While all writers of the shard have more than this in hand, none is handed more than it may have written without a
   * report.
   */
  readonly handedBytes: number;
  /** What a writer may have written and not reported. */
  readonly unreportedBytes: number;
  /** The last part of each limit of mailboxes, which is for senders who have nothing in it. */
  readonly reservePercent: number;
  /** Names that are away and remembered, of this shard alone. */
  readonly maxNames: number;
}

/** What the shard before has handed to one writer; each number is of the last frame, 0 if there is none. */
export interface PriorDelivery {
  readonly name: Uint8Array;
  readonly handedNumber: number;
  /** Up to this nothing is to be handed out again: it is written, or in the hands of a writer that lives on. */
  readonly settledNumber: number;
  readonly writtenNumber: number;
}

export interface ShardTask {
  readonly arena: WasmMemory;
  /** The buffers of the arena that are lent to the shard, and those that it lends. */
  readonly toShard: LendingPlace;
  readonly toMain: LendingPlace;
  readonly data: MessagePort;
  readonly control: MessagePort;
  readonly settings: ShardSettings;
  readonly shard: number;
  /** Bytes held, as BigInt64: the sum of all shards, then each shard's own part. */
  readonly held: SharedArrayBuffer;
  readonly heldMaxBytes: number;
  /** How many shards there are: which names are this one's. */
  readonly shards: number;
  /** What the life of this shard before had handed out. */
  readonly handed: readonly PriorDelivery[];
  /** The folder of the store; undefined where nothing is held. */
  readonly dataDir: string | undefined;
  /** See WriteFence: the writers of the store. */
  readonly writers: SharedArrayBuffer;
  /** See RisingClock: the base of the clock by which mail ages. */
  readonly clockBase: number;
  /** Whether all mail in the store is counted, because the broker was not stopped in order the last time. */
  readonly compare: boolean;
}

/** Takes the part of a shard that has crashed out of the sum of bytes held. */
export function forgetHeld(held: SharedArrayBuffer, shard: number): void {
  const counts = new BigInt64Array(held);
  Atomics.sub(counts, 0, Atomics.exchange(counts, 1 + shard, 0n));
}
