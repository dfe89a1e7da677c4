/** What the parts of the core need of the connection. */
import type { RestanteError } from '../errors.ts';
import type { Words } from './words.ts';

/** The way to the broker. */
export interface Wire {
  /** Whether the broker has said welcome, and the connection stands. */
  readonly up: boolean;
  /** The longest line that the broker takes, in bytes without its LF; `Infinity` before the first welcome. */
  readonly maxLineBytes: number;
  /** Says a line soon. One that is said while the connection is not up is dropped: its part says it again. */
  say(line: string): void;
  /** Asks the parts soon for what they have to say. */
  flushSoon(): void;
  /** Gives up this connection, and makes another. */
  break(reason: RestanteError): void;
}

/** A part of the core, as it is told of the connection. */
export interface Part {
  /** The broker has said welcome. What must be said again is said now. */
  welcomed?(welcome: Words): void;
  /** A connection that was up is gone. */
  lost?(reason: RestanteError): void;
  /** The client has ended. Nothing may wait after that. */
  ended(error: RestanteError): void;
}
