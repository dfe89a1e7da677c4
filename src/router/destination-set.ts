/** What a decoder hands to the router: the destinations of a message, and its text. */
import type { Body, Destinations, Line } from '../shared/wire/message.ts';
import type { ShardList } from './shard-lists.ts';

/** Names, as places in the bytes of a line, with the shard of each. */
export interface Names extends Destinations {
  readonly line: Line;
}

/** The destinations of a message. */
export interface DestinationSet {
  /** The number of names. A name that is there twice counts twice. */
  readonly count: number;
  /** Whether the same set will be sent to again. If so, the router keeps its route in `route`. */
  readonly lasting: boolean;
  /** The route of a lasting set, by shard. Only the router uses it. */
  route: readonly ShardList[] | undefined;
  /** The names. They are valid until any set is asked for its names. */
  names(): Names;
}

/** The text of a message, as a place in the bytes of a line. */
export interface MessageText extends Body {
  readonly line: Line;
}
