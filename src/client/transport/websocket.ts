/** WebSocket, by the one that the runtime has: browsers, Deno, Bun, and Node from 22. */
import { ConnectionError } from '../errors.ts';
import type { Connection, ConnectionSink } from './transport.ts';

const PROTOCOL = 'restante.v1';

/** What is used of a WebSocket. */
interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(
    type: string,
    listener: (event: { readonly data?: unknown; readonly reason?: unknown }) => void,
  ): void;
}

type SocketClass = new (url: string, protocol: string) => Socket;

/** Begins a connection. @throws ConnectionError where there is no WebSocket */
export function dialWebSocket(url: string, maxLineBytes: number, sink: ConnectionSink): Connection {
  const { WebSocket } = globalThis as { WebSocket?: SocketClass };
  if (WebSocket === undefined) {
    throw new ConnectionError('NO_TRANSPORT', 'there is no WebSocket here');
  }
  const socket = new WebSocket(url, PROTOCOL);
  let cause: unknown;
  const fail = (what: string) => {
    cause ??= new ConnectionError('PROTOCOL', what);
    socket.close();
  };
  socket.addEventListener('open', () => sink.opened());
  socket.addEventListener('message', ({ data }) => {
    if (cause !== undefined) return;
    // A frame has whole lines. The LF of its last one may be left out.
    const lines = typeof data === 'string' ? data.split('\n').filter((line) => line !== '') : [];
    if (typeof data !== 'string') fail('a frame is no text');
    else if (lines.some((line) => line.length > maxLineBytes)) fail(`a line is longer than ${maxLineBytes} bytes`);
    else sink.lines(lines);
  });
  socket.addEventListener('error', () => {
    cause ??= new ConnectionError('CONNECTION_LOST', 'the connection is lost');
  });
  socket.addEventListener('close', () => sink.closed(cause));
  return { write: (lines) => socket.send(lines), end: () => socket.close(), destroy: () => socket.close() };
}
