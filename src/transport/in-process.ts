/**
 * A connection of a program in this process. No socket is below: what the session writes is handed over at once, so
 * nothing waits here, and a window of the session bounds what the program has. What the program says comes to the
 * session in a turn of its own, as the bytes of a socket do.
 */
import { type ByteSink, DEAF, type Outlet, type Peer, type Transport } from './transport.ts';

/** The program. What it is called with it must take: an error of it would be one of the session. */
export interface Receiver {
  /** The session has written whole lines. They are valid only during the call. */
  take(lines: Uint8Array): void;
  /** The connection is closed. Called once. */
  closed(): void;
}

export class InProcessTransport implements Transport {
  readonly kind = 'http';
  readonly peer: Peer;
  readonly outlet: Outlet;
  readonly closed: Promise<void>;
  readonly #receiver: Receiver;
  #resolveClosed: () => void = () => undefined;
  #sink: ByteSink = DEAF;
  #flows = false;
  /** What was said and is not read yet. Who says it bounds it. */
  #said: Buffer[] = [];
  #hungUp = false;
  #endTold = false;
  #handsOver = false;
  #isClosed = false;
  readBytes = 0;
  takenBytes = 0;

  constructor(peer: Peer, receiver: Receiver) {
    this.peer = peer;
    this.#receiver = receiver;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const isClosed = () => this.#isClosed;
    this.outlet = {
      writableLength: 0,
      errored: null,
      get destroyed() {
        return isClosed();
      },
      write: (bytes) => this.#write(bytes),
      unwrittenBytes: () => 0,
    };
  }

  /** Whether the session reads nothing now, because a shard is congested or the program is owed too much. */
  get paused(): boolean {
    return !this.#flows;
  }

  /** Says lines to the session. */
  say(lines: string): void {
    this.#said.push(Buffer.from(lines));
    this.#handOverLater();
  }

  /** Ends the side of the program, behind what it has said. */
  hangUp(): void {
    this.#hungUp = true;
    this.#handOverLater();
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    this.resume();
  }

  pause(): void {
    this.#flows = false;
  }

  resume(): void {
    this.#flows = true;
    this.#handOverLater();
  }

  /** A program whose session has ended has nothing more to say. */
  end(): void {
    this.destroy();
  }

  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#said = [];
    setImmediate(() => {
      this.#sink.closed();
      this.#resolveClosed();
      this.#receiver.closed();
    });
  }

  #write(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    this.takenBytes += bytes.length;
    this.#receiver.take(bytes);
  }

  #handOverLater(): void {
    if (this.#handsOver || !this.#flows) return;
    this.#handsOver = true;
    setImmediate(() => {
      this.#handsOver = false;
      this.#handOver();
    });
  }

  #handOver(): void {
    while (this.#flows && !this.#isClosed) {
      const lines = this.#said.shift();
      if (lines === undefined) break;
      this.readBytes += lines.length;
      this.#sink.read(lines, lines.length);
    }
    if (!this.#flows || this.#isClosed || !this.#hungUp || this.#endTold) return;
    this.#endTold = true;
    this.#sink.end(false);
  }
}
