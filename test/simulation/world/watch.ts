/** What a simulated world tells whoever watches it. */
import type { ShardEvent } from '../../../src/shared/wire/events.ts';
import type { Frames } from '../../../src/shared/wire/frames/frames.ts';
import type { DroppedState } from '../../../src/shared/wire/records.ts';
import type { SimPeer } from './peer.ts';
import type { PostState } from './post-log.ts';
import type { Place } from './shards.ts';

/** Sees everything that happens. If a method throws, a check has failed: `World.check` throws that error. */
export interface WorldWatch {
  /** The broker is about to ask a shard for the name of this peer. */
  attaches(peer: SimPeer): void;
  /** A line of the peer is routed, to all of its names or to some. */
  routed(peer: SimPeer, to: readonly string[], body: string): void;
  /** A shard tells the peer of a message for a name: the first notice, or an outcome. */
  noticed(peer: SimPeer, kind: ShardEvent['kind'], name: string): void;
  /** @param post what was true of the shard when it handed the frames over */
  handed(peer: SimPeer, text: string, frames: Frames, post: PostState): void;
  /** A message for a name was dropped, and its sender is to be told. @param frame has no body */
  expired(name: string, frame: Frames, state: DroppedState, post: PostState): void;
  /** A shard has purged a message for a name. */
  purged(name: string, text: string): void;
  /** A message for a name is removed from the disk. */
  removed(name: string, value: string): void;
  /** The session ends because the peer has ended its side. */
  leaves(peer: SimPeer): void;
  /** A shard has died, and everything that it posted has been handled. */
  died(place: Place): void;
}
