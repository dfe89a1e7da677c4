/** What the parts above know of a connection, whatever it runs over. */

/** What a writer needs of a connection. */
export interface Outlet {
  /** Bytes of writes that are not over. 0 right after a write: the kernel took all of it at once. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  /** Set at once by a write that failed at once. */
  readonly errored: Error | null;
  /** Begins a write; `done` is called when one is over that was not when this returned. There is only one at a time. */
  write(bytes: Uint8Array, done: () => void): unknown;
}

/** What takes the bytes that a connection reads. */
export interface ByteSink {
  /** Takes the first `length` bytes of `bytes`, which are valid during the call. */
  read(bytes: Buffer, length: number): void;
  /** The peer has ended its side, or with `reset` it has broken the connection off. */
  end(reset: boolean): void;
  /** The connection has failed, and will be closed. */
  fail(error: Error): void;
}

/** The other end of a connection. */
export interface Peer {
  /** Its address and port; undefined where it was gone before they were asked for. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** Both as `address:port`, for the log. */
  readonly text: string;
  /** Whether nobody on the way can read or change what is sent. */
  readonly secure: boolean;
}

export interface Transport {
  readonly peer: Peer;
  /** The way out. */
  readonly outlet: Outlet;
  /** Resolves when the connection is closed, whatever closed it. */
  readonly closed: Promise<void>;
  /** Bytes that the system has taken for the peer so far. */
  readonly takenBytes: number;
  /** Begins to read. One sink a connection. */
  start(sink: ByteSink): void;
  /** Reads nothing more until `resume`. */
  pause(): void;
  resume(): void;
  /** Bytes that the system has not taken of the write under way; undefined where nobody says: then all of it counts. */
  unwrittenBytes(): number | undefined;
  /** Ends this side. Nothing is written behind it. */
  end(): void;
  /** Gives the connection up at once. */
  destroy(): void;
}
