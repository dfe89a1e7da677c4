/** A connection as the core sees it, whatever carries it. */

/** What is told of a connection. Nothing is told during the call that makes it. */
export interface ConnectionSink {
  /** It is made. */
  opened(): void;
  /** Whole lines have come, without their LF. */
  lines(lines: readonly string[]): void;
  /** It is over, for whatever reason. Nothing is told after that. */
  closed(cause?: unknown): void;
}

/** A connection. */
export interface Connection {
  /** Sends lines, each with its LF. Called after `opened`. */
  write(lines: string): void;
  /** Ends it in order: what was written goes out first. */
  end(): void;
  /** Ends it at once. Its sink is told nothing more that it needs to hear. */
  destroy(): void;
}

/** Begins a connection. @throws ConnectionError if there can be none here */
export type Dial = (sink: ConnectionSink) => Connection;

/** Makes a dial for an address, once the longest line is known. */
export type Dialer = (maxLineBytes: number) => Dial;
