/**
 * A TCP connection. It is accepted by its handle, which is private to Node. No other file but socket.ts uses a handle,
 * so a version of Node that changes it affects these two alone.
 */
import { channel } from 'node:diagnostics_channel';
import { type Server, Socket, type SocketConstructorOpts } from 'node:net';
import { type Handle, handleOf, KEEP_ALIVE_MS, kernelBacklog, peerOf, takenBytesOf } from './socket.ts';
import { type ByteSink, DEAF, type Outlet, type Peer, type Transport } from './transport.ts';

/** The handle of a server. Node calls `onconnection` with a status, 0 for success, and the handle of a connection. */
interface ServerHandle {
  onconnection?: (status: number, handle: Handle) => void;
}

/**
 * A diagnostics channel that publishes `{ socket }` for every accepted connection. The channel of Node itself knows
 * nothing of connections that are accepted by their handle.
 */
export const ACCEPTED_CHANNEL = 'restante.socket';
const acceptedChannel = channel(ACCEPTED_CHANNEL);

/**
 * A socket that passes what it reads to its sink, by functions that all connections share. With closures of its own for
 * each, 2,000 peers are served 0.95 times as fast, because of the memory that is in no cache.
 */
class Connection extends Socket {
  /** Before the start it can get nothing but an error, and that the connection is closed. */
  sink = DEAF;
  /** Whether the sink was told that the connection is closed. */
  hasClosed = false;
}

/** Node calls this on the socket. A return value of false would stop the reading. */
function onRead(this: Connection, length: number, readBuffer: Buffer): void {
  this.sink.read(readBuffer, length);
}

function onEnd(this: Connection): void {
  this.sink.end(wasReset(this));
}

function onError(this: Connection, error: Error): void {
  this.sink.fail(error);
}

function onClose(this: Connection): void {
  this.hasClosed = true;
  this.sink.closed();
}

/** The handle of an accepted connection, for `TcpTransport` alone. */
export type AcceptedHandle = Handle;

/**
 * Passes on the handle of every connection that a server accepts. Must be called each time that it begins to listen.
 * Node would make a socket of each handle, which has no `onread` and could only be thrown away.
 */
export function onAccepted(server: Server, accept: (handle: AcceptedHandle) => void): void {
  const listening = (server as unknown as { _handle?: ServerHandle | null })._handle;
  const byNode = listening?.onconnection;
  if (listening === undefined || listening === null || byNode === undefined) {
    throw new Error('this version of Node has no handle that accepts');
  }
  listening.onconnection = (status, handle) => {
    if (status === 0) accept(handle);
    else byNode.call(listening, status, handle); // it reports the error
  };
}

/** The number of the file descriptor of a socket; -1 if the system has none. */
export function descriptorOf(socket: Socket): number {
  return numberOf(handleOf(socket));
}

/** The number of the file descriptor of a connection; -1 if the system has none. */
export function numberOf(handle: AcceptedHandle | null | undefined): number {
  return typeof handle?.fd === 'number' ? handle.fd : -1;
}

/** An accepted connection as a stream, for a layer of TLS above it. It closes when its peer has ended its side. */
export function acceptedSocket(handle: AcceptedHandle): Socket {
  const socket = new Socket({ handle } as SocketConstructorOpts);
  prepare(socket);
  acceptedChannel.publish({ socket });
  return socket;
}

function prepare(socket: Socket): void {
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
}

/** An accepted connection. */
export class TcpTransport implements Transport {
  readonly kind = 'tcp';
  peer: Peer;
  readonly outlet: Outlet;
  readonly #socket: Connection;
  #rest: Buffer | undefined;

  /**
   * Makes a socket that reads into the shared buffer, and has no `data` events. Measured: against a stream, which
   * allocates 64 KiB a read, 64 chatting peers get a tenth more messages through. (Node documents `onread` only for a
   * socket that connects.)
   * @param handle the handle of the connection, which has not read yet
   * @param readBuffer all sockets share it, because what was read is processed or copied before the next read
   */
  constructor(handle: AcceptedHandle, readBuffer: Buffer) {
    const socket = new Connection({
      handle,
      allowHalfOpen: true,
      onread: { buffer: readBuffer, callback: onRead },
    } as SocketConstructorOpts);
    prepare(socket);
    this.#socket = socket;
    this.peer = peerOf(socket);
    this.outlet = new SocketOutlet(socket);
    socket.on('end', onEnd);
    socket.on('error', onError);
    socket.on('close', onClose);
    acceptedChannel.publish({ socket });
  }

  get readBytes(): number {
    return this.#socket.bytesRead;
  }

  get takenBytes(): number {
    return takenBytesOf(this.#socket);
  }

  get closed(): Promise<void> {
    const socket = this.#socket;
    return socket.hasClosed ? Promise.resolve() : new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** What was read were not yet bytes of the peer. @param rest what was read of it, and comes first after the start */
  introduce(peer: Peer, rest: Buffer): void {
    this.peer = peer;
    this.#rest = rest;
  }

  start(sink: ByteSink): void {
    this.#socket.sink = sink;
    this.#socket.resume();
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined && rest.length > 0) sink.read(rest, rest.length);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }
}

type Write = (bytes: Uint8Array, encoding: 'buffer', done: (error?: Error | null) => void) => void;

/**
 * The outlet of a socket. A writer has one write under way at a time, and queues the rest itself. So the outlet
 * bypasses the queue of the stream, and calls the `_write` that the stream would call. Measured: 2,000 peers with a
 * message under way each get a tenth more messages through, and the slowest is a quarter faster.
 */
class SocketOutlet implements Outlet {
  readonly #socket: Socket;
  readonly #write: Write;
  #writableLength = 0;
  #errored: Error | null = null;
  #done = nothingToDo;
  /** Whether `write` has returned, so that an end of the write from now on must be reported. */
  #late = false;

  readonly #over: (error?: Error | null) => void;

  constructor(socket: Socket) {
    this.#socket = socket;
    // Not in a field: tsx names a function there, and a function with a name of its own takes 256 bytes more.
    this.#over = (error) => this.#end(error);
    this.#write = (socket as unknown as { _write: Write })._write;
  }

  get writableLength(): number {
    return this.#writableLength;
  }

  /** A destroyed socket has no handle. To ask the stream would take longer, and each write asks. */
  get destroyed(): boolean {
    return !handleOf(this.#socket);
  }

  get errored(): Error | null {
    return this.#errored;
  }

  /** @param done is called when the write ends, unless it has ended when this returns */
  write(bytes: Uint8Array, done: () => void): void {
    this.#done = done;
    this.#writableLength = bytes.length;
    this.#late = false;
    this.#write.call(this.#socket, bytes, 'buffer', this.#over);
    this.#late = true;
  }

  unwrittenBytes(): number | undefined {
    return kernelBacklog(this.#socket);
  }

  #end(error: Error | null | undefined): void {
    this.#writableLength = 0;
    if (error) {
      this.#errored = error;
      this.#socket.destroy(error);
    } else if (this.#late) this.#done();
  }
}

function nothingToDo(): void {}

/**
 * Whether the end of the stream was a reset. If bytes and a reset arrive at once, Node reads the bytes and reports the
 * reset as a normal end. But a connection that was reset has no peer name any more.
 */
export function wasReset(socket: Socket): boolean {
  const error = handleOf(socket)?.getpeername?.({});
  return error !== undefined && error !== 0;
}
