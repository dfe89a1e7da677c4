/** What is handed to the router to be sent: whom a message is for, and what it says. A codec makes both. */
import type { Body, Destinations, Line } from '../shared/wire/message.ts';
import type { ShardList } from './shard-lists.ts';

/** Names, where they stand in the bytes of a line, with the shard of each. */
export interface Names extends Destinations {
  readonly line: Line;
}

/** Whom a message is for. */
export interface DestinationSet {
  /** How many names there are; one that is there twice counts twice. */
  readonly count: number;
  /** Whether the set will be handed over again: then the router keeps its way in `route`. */
  readonly lasting: boolean;
  /** The way of a lasting set, by shard. It is the router's. */
  route: readonly ShardList[] | undefined;
  /** The names, valid until a set is asked for its names the next time. */
  names(): Names;
}

/** What a message says, where it stands in the bytes of a line. */
export interface MessageText extends Body {
  readonly line: Line;
}
