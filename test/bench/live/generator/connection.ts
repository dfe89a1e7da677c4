/** One peer's connection, or its two. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { paced } from '../../../helpers/pace/pace.ts';
import type { Protocol } from './protocols/protocol.ts';
import { FrameStream, inFrame, upgradeTo, type WebSocketUse } from './protocols/web-socket.ts';

const HOST = '127.0.0.1';
export const READY_LIMIT_MS = paced(30_000);
/**
 * Every socket reads into this one: what was read is worked off before anything else is read. That is without copies,
 * and stays in the cache.
 */
export const READ_BUFFER_BYTES = 256 * 1024;
const READ_BUFFER = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);

/** Gets what is read: the first `length` bytes, which are written over afterwards. */
export type OnBytes = (bytes: Buffer, length: number) => void;
/** Is told why a connection has ended. */
export type OnEnd = (reason: string) => void;

/** Where bytes are written. */
interface Sending {
  write(bytes: Buffer): void;
}

export interface Connection {
  /** What it sends on. */
  readonly sending: Sending;
  close(): void;
}

/**
 * Lets a peer come; resolves when its mail can come.
 * @param onBytes gets what comes behind the welcome
 */
export async function openConnection(
  port: number,
  protocol: Protocol,
  peer: number,
  onBytes: OnBytes,
  onEnd: OnEnd,
): Promise<Connection> {
  const limit = AbortSignal.timeout(READY_LIMIT_MS);
  let ready = (): void => undefined;
  const welcomed = new Promise<void>((resolve, reject) => {
    ready = resolve;
    limit.addEventListener('abort', () => reject(new Error(`peer ${peer} was not made welcome`)), { once: true });
  });
  const hear = behindWelcome(protocol.welcome(peer), ready, onBytes);
  const greeting = protocol.greeting(peer);
  const subscriber = await openStream(port, protocol.webSocket, greeting, hear, onEnd, limit);
  await welcomed;
  // What comes to the second connection are replies.
  const apart = protocol.sendsApart === true ? await dial(port, () => undefined, onEnd, limit) : undefined;
  const close = () => {
    subscriber.close();
    apart?.destroy();
  };
  return { sending: apart ?? subscriber.sending, close };
}

/** Connects, in the frames of a WebSocket or without, and says the greeting. */
async function openStream(
  port: number,
  use: WebSocketUse | undefined,
  greeting: Buffer,
  onBytes: OnBytes,
  onEnd: OnEnd,
  limit: AbortSignal,
): Promise<Connection> {
  if (use === undefined) {
    const socket = await dial(port, onBytes, onEnd, limit);
    socket.write(greeting);
    return { sending: socket, close: () => socket.destroy() };
  }
  const write = (bytes: Buffer) => void socket.write(inFrame(bytes, use));
  const stream = new FrameStream(() => write(greeting), onBytes);
  const socket = await dial(port, (bytes, length) => stream.feed(bytes, length), onEnd, limit);
  socket.write(upgradeTo(use));
  return { sending: { write }, close: () => socket.destroy() };
}

/** Connects. The limit is for that alone. */
export async function dial(port: number, onBytes: OnBytes, onEnd: OnEnd, limit: AbortSignal): Promise<Socket> {
  const callback = (length: number, buffer: Uint8Array) => {
    onBytes(buffer as Buffer, length);
    return true;
  };
  const socket = connect({ host: HOST, port, noDelay: true, onread: { buffer: READ_BUFFER, callback } });
  await once(socket, 'connect', { signal: limit });
  socket.on('error', (error) => onEnd(error.message));
  socket.on('close', () => onEnd('the server closed a connection'));
  return socket;
}

/** Waits for the welcome, which may have other words before it, and hands on all that comes behind it. */
function behindWelcome(welcome: Buffer, ready: () => void, onBytes: OnBytes): OnBytes {
  let heard: Buffer | undefined = Buffer.alloc(0);
  return (bytes, length) => {
    if (heard === undefined) {
      onBytes(bytes, length);
      return;
    }
    heard = Buffer.concat([heard, bytes.subarray(0, length)]);
    const at = heard.indexOf(welcome);
    if (at < 0) return;
    const behind = heard.subarray(at + welcome.length);
    heard = undefined;
    ready();
    if (behind.length > 0) onBytes(behind, behind.length);
  };
}
