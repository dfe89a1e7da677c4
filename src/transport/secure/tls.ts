/**
 * A connection with TLS, once its handshake is done. It uses what Node documents of a `TLSSocket`.
 *
 * What counts as taken. A write to a layer of TLS copies its bytes at once, as ciphertext, into a buffer of that layer.
 * A message in there is lost when the process dies, so it MUST NOT count as written. Node ends a write to a TLSSocket
 * only when that buffer is empty and the last write of it to the TCP connection has ended, which is when the kernel has
 * taken all of it. So the end of a write, `done`, means here what it means for TCP. No write ends before `write` has
 * returned, so a writer never sees one as taken at once.
 *
 * Of a write that is under way, nothing counts as taken (`unwrittenBytes` is undefined). The kernel may have taken some
 * records of it. But a record that is not whole cannot be read, and where a record ends is not told. So frames of a
 * write that breaks can come twice, and none is lost. A write has 64 KiB, or one frame.
 */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { takenBytesOf } from '../socket.ts';
import { wasReset } from '../tcp.ts';
import { type ByteSink, DEAF, type Outlet, type Peer, type Transport } from '../transport.ts';

/** A connection with TLS. */
export class TlsTransport implements Transport {
  readonly kind = 'tls';
  readonly peer: Peer;
  readonly outlet: Outlet;
  readonly #secure: TLSSocket;
  /** The TCP connection below, which counts what the kernel has taken. */
  readonly #socket: Socket;
  #sink = DEAF;

  /**
   * @param secure a socket whose handshake is done, and that nobody reads yet
   * @param socket the socket below it
   */
  constructor(secure: TLSSocket, socket: Socket, peer: Peer) {
    this.#secure = secure;
    this.#socket = socket;
    this.peer = peer;
    this.outlet = new TlsOutlet(secure);
    secure.on('data', (piece: Buffer) => this.#sink.read(piece, piece.length));
    secure.on('end', () => this.#sink.end(wasReset(socket)));
    secure.on('error', (error) => this.#sink.fail(error));
    secure.on('close', () => this.#sink.closed());
    // A peer whose handshake is done may end its side and still be written to. During the handshake it may not.
    secure.allowHalfOpen = true;
    secure.pause();
  }

  /** With what TLS adds. */
  get readBytes(): number {
    return this.#socket.bytesRead;
  }

  /** With what TLS adds. */
  get takenBytes(): number {
    return takenBytesOf(this.#socket);
  }

  get closed(): Promise<void> {
    const secure = this.#secure;
    return secure.closed ? Promise.resolve() : new Promise((resolve) => secure.once('close', () => resolve()));
  }

  start(sink: ByteSink): void {
    this.#sink = sink;
    this.#secure.resume();
  }

  pause(): void {
    this.#secure.pause();
  }

  resume(): void {
    this.#secure.resume();
  }

  end(): void {
    this.#secure.end();
  }

  destroy(): void {
    this.#secure.destroy();
  }
}

/** The outlet of a connection with TLS: the stream itself, but for what it cannot tell. */
class TlsOutlet implements Outlet {
  readonly #secure: TLSSocket;

  constructor(secure: TLSSocket) {
    this.#secure = secure;
  }

  get writableLength(): number {
    return this.#secure.writableLength;
  }

  get destroyed(): boolean {
    return this.#secure.destroyed;
  }

  get errored(): Error | null {
    return this.#secure.errored;
  }

  write(bytes: Uint8Array, done: () => void): void {
    this.#secure.write(bytes, done);
  }

  unwrittenBytes(): undefined {
    return undefined;
  }
}
