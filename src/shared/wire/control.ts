/**
 * The control port: Comlink, for calls whose order against data does not matter. A call here can overtake thousands of
 * messages on the data port, so nothing that mail depends on may go this way.
 */
import type { MessagePort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import type { DropReason } from '../codes/drops.ts';

/** What a shard has done since it began, and what it holds now. */
export interface ShardStats {
  /** Names known, and how many of them are away. */
  names: number;
  namesAway: number;
  attachments: number;
  heldMessages: number;
  heldBytes: number;
  /** What of it is in memory. */
  memoryBytes: number;
  /** Frames handed to writers, and of those given back. */
  delivered: number;
  returned: number;
  dropped: Record<DropReason, number>;
  /** Batches that stopped making sense: a defect of ours wherever it is not 0. */
  malformed: number;
}

/** Where a crash is made: where it rejects the shard's task, or where it ends its thread. */
export type CrashSite = 'shard' | 'thread';

/** What can be asked of a shard. */
export interface ShardControl {
  stats(): ShardStats;
  /** Makes the shard throw at its next batch, or its whole thread: how their supervisor is tested. */
  throwAtNextBatch(site: CrashSite): void;
  /** Closes its store until it is resumed; what it wants of it waits. */
  suspendStore(): Promise<void>;
  /** Opens its store again, and writes what could not be written. */
  resumeStore(): Promise<void>;
}

export type RemoteShardControl = Comlink.Remote<ShardControl>;

// A MessagePort of Node is an EventTarget with `data` on its events, which is all Comlink asks for; only the types
// differ.
const asEndpoint = (port: MessagePort) => port as unknown as Comlink.Endpoint;

export function exposeControl(control: ShardControl, port: MessagePort): void {
  Comlink.expose(control, asEndpoint(port));
}

export function remoteControl(port: MessagePort): RemoteShardControl {
  return Comlink.wrap<ShardControl>(asEndpoint(port));
}
