/**
 * The control port, with Comlink. It is for calls whose order against data does not matter. A call can overtake
 * thousands of messages on the data port, so nothing that mail depends on may use it.
 */
import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import type { DropReason } from '../../codes/drops.ts';
import type { AskedCalls } from './asked.ts';
import type { Durations } from './durations.ts';
import type { ShardLimits } from './shard-task.ts';

/** What a shard has done since it began, and what it holds. */
export interface ShardStats {
  /** The names that the shard knows, and how many of them are away. */
  names: number;
  namesAway: number;
  attachments: number;
  heldMessages: number;
  heldBytes: number;
  /** The part of `heldBytes` that is in memory. */
  memoryBytes: number;
  /** Frames that were handed to writers, and those of them that were returned. */
  delivered: number;
  returned: number;
  /** Of the delivered ones, those that had waited in a mailbox. */
  fed: number;
  /** Messages that came to mailboxes: of names that are away, or durable; and of peers that read slowly. */
  held: number;
  queued: number;
  /** Messages that repeated an earlier one. */
  repeats: number;
  /** Of the returned frames, those that a program may have and has not acknowledged. */
  redelivered: number;
  dropped: Record<DropReason, number>;
  /** Batches with a broken record. Any number but 0 is a defect of the broker. */
  malformed: number;
}

/** What a shard has measured of its thread since that began, and how old its oldest mail is. */
export interface ShardTimes {
  /** How long it took until a group of mail was on disk. */
  readonly storeSync: Durations;
  /** How late the thread's event loop is. */
  readonly loopDelay: Durations;
  /** The age of the oldest message that waits in a mailbox, in seconds; 0 if none waits. It is a moment old. */
  readonly oldestSeconds: number;
  /** The heap of the thread, with the buffers that are its own. What LevelDB takes and what is shared is not in it. */
  readonly threadBytes: number;
}

/** Where a test makes a shard crash: in its task, which rejects, or in its thread, which ends. */
export type CrashSite = 'shard' | 'thread';

/** The calls that a shard answers. */
export interface ShardControl extends AskedCalls {
  /** The figures of the shard. */
  stats(): ShardStats;
  /** What it has measured. */
  times(): ShardTimes;
  /** Makes the shard or its whole thread throw at its next batch, which tests its supervisor. */
  throwAtNextBatch(site: CrashSite): void;
  /** Takes other limits, which count for what comes from now on. */
  setLimits(limits: ShardLimits): void;
  /** Closes the store of the shard until `resumeStore`. Requests to it wait. */
  suspendStore(): Promise<void>;
  /** Opens the store again, and writes what could not be written. */
  resumeStore(): Promise<void>;
}

export type RemoteShardControl = Comlink.Remote<ShardControl>;

// A MessagePort of Node is an EventTarget whose events have `data`, as Comlink needs it. Only the types differ.
const asEndpoint = (port: MessagePort) => port as unknown as Comlink.Endpoint;

/** Called by the shard: answers calls on `port` with `control`. */
export function exposeControl(control: ShardControl, port: MessagePort): void {
  Comlink.expose(control, asEndpoint(port));
}

/** Called by the main thread. @returns the control of the shard at the other end of `port` */
export function remoteControl(port: MessagePort): RemoteShardControl {
  return Comlink.wrap<ShardControl>(asEndpoint(port));
}
