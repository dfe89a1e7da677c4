/** What is known of a socket of either kind of connection. Some of it only its handle has, which is private to Node. */
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Peer } from './transport.ts';

/** The handle of a socket, as far as it is used. */
export interface Handle {
  readonly fd?: unknown;
  readonly getpeername?: (out: object) => number;
  readonly writeQueueSize?: unknown;
  reading?: boolean;
  readonly readStart?: () => number;
  readonly readStop?: () => number;
}

/** A connection that is idle for this long is probed, so that it ends some day if its peer has vanished. */
export const KEEP_ALIVE_MS = 60_000;

/** The handle of a socket; none once that is destroyed. */
export function handleOf(socket: Socket): Handle | null | undefined {
  return (socket as unknown as { _handle?: Handle | null })._handle;
}

/** The peer of a socket. A connection that was reset before it was accepted has no address. */
export function peerOf({ remoteAddress: address, remotePort: port }: Socket): Peer {
  const host = address?.includes(':') === true ? `[${address}]` : address;
  return { address, port, text: host === undefined ? 'unknown' : `${host}:${port}`, secure: false };
}

/**
 * @returns the bytes of the current write that the kernel has not taken; undefined if that is not known, and all of it
 *   must count
 */
export function kernelBacklog(socket: Socket): number | undefined {
  const size = handleOf(socket)?.writeQueueSize;
  return typeof size === 'number' ? size : undefined;
}

/** The stream that a layer of TLS was put above; undefined if this version of Node does not tell. */
export function socketBelow(secure: TLSSocket): Socket | undefined {
  return (secure as unknown as { _parent?: Socket })._parent;
}

/** The bytes that the kernel has taken for the peer of a socket. */
export function takenBytesOf(socket: Socket): number {
  return socket.bytesWritten - (kernelBacklog(socket) ?? 0);
}

/** Stops to read a socket that is a stream and is paused. Node itself reads on, up to a limit. */
export function stopReading(socket: Socket): void {
  const handle = handleOf(socket);
  if (!handle?.reading) return;
  handle.reading = false;
  handle.readStop?.();
}

/** Reads a socket again after `stopReading`. */
export function keepReading(socket: Socket): void {
  const handle = handleOf(socket);
  if (!handle || handle.reading) return;
  handle.reading = true;
  handle.readStart?.();
}
