/** A connection as the other folders see it, whatever protocol it uses below. */
import type { SessionEndCode } from '../shared/codes/session-ends.ts';

/** What a writer needs of a connection. */
export interface Outlet {
  /** The bytes of writes that have not ended. 0 right after a write means that the kernel took all of it at once. */
  readonly writableLength: number;
  readonly destroyed: boolean;
  /** The error of a write. It is set at once if the write failed at once. */
  readonly errored: Error | null;
  /** Begins a write. There is only one at a time. Calls `done` when it ends, unless it has ended when this returns. */
  write(bytes: Uint8Array, done: () => void): unknown;
  /**
   * @returns the bytes of the current write that the kernel has not taken; undefined if that is not known, and all of
   *   it must count
   */
  unwrittenBytes(): number | undefined;
}

/** The receiver of what a connection reads. */
export interface ByteSink {
  /** Takes the first `length` bytes of `bytes`, which are valid only during the call. */
  read(bytes: Buffer, length: number): void;
  /** The peer has ended its side, or has reset the connection. */
  end(reset: boolean): void;
  /** The connection has failed, and will be closed. */
  fail(error: Error): void;
  /** The connection is closed, for whatever reason. */
  closed(): void;
}

/** Ignores everything: the sink of a connection that nobody reads. */
export const DEAF: ByteSink = {
  read: () => undefined,
  end: () => undefined,
  fail: () => undefined,
  closed: () => undefined,
};

/** The other end of a connection. */
export interface Peer {
  /** The address and the port; undefined if the peer was gone before they were read. Of a proxy's client, its own. */
  readonly address: string | undefined;
  readonly port: number | undefined;
  /** The other end of the socket, where that is a proxy's. */
  readonly socket?: { readonly address: string | undefined; readonly port: number | undefined };
  /** Both as `address:port`, for the log. */
  readonly text: string;
  /** Whether the connection is encrypted, so that nobody between the two ends can read or change it. */
  readonly secure: boolean;
  /**
   * The names that the certificate of the peer has, which TLS_CLIENT_CA has signed: first those of type URI, then DNS,
   * then CN. They are in NFC. Undefined where no certificate was asked for.
   */
  readonly certificateNames?: readonly string[] | undefined;
}

/** The kinds of connections. */
export const TRANSPORT_KINDS = ['tcp', 'tls', 'websocket', 'http'] as const;
export type TransportKind = (typeof TRANSPORT_KINDS)[number];

/** A connection. */
export interface Transport {
  readonly kind: TransportKind;
  readonly peer: Peer;
  /** What the writer writes to. */
  readonly outlet: Outlet;
  /** Resolves when the connection is closed, and its sink has been told. */
  readonly closed: Promise<void>;
  /** The bytes that were read from the peer so far. */
  readonly readBytes: number;
  /** The bytes that the kernel has taken for the peer so far. */
  readonly takenBytes: number;
  /** Starts to read into `sink`. Called once. */
  start(sink: ByteSink): void;
  /** Stops reading until `resume`. */
  pause(): void;
  /** Continues to read after `pause`. */
  resume(): void;
  /**
   * Ends this side of the connection. Nothing can be written after that.
   * @param why the reason, where the session has one; a connection that can tell it does
   */
  end(why?: SessionEndCode): void;
  /** Closes the connection at once. */
  destroy(): void;
}
