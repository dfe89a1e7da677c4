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
export function dialWebSocket(url: string, sink: ConnectionSink): Connection {
  const { WebSocket } = globalThis as { WebSocket?: SocketClass };
  if (WebSocket === undefined) {
    throw new ConnectionError('NO_TRANSPORT', 'there is no WebSocket here');
  }
  const socket = new WebSocket(url, PROTOCOL);
  socket.addEventListener('open', () => sink.opened());
  // A frame has whole lines. The LF of its last one may be left out. What is no text will be no JSON.
  socket.addEventListener('message', ({ data }) => sink.lines(String(data).split('\n').filter(Boolean)));
  socket.addEventListener('close', () => sink.closed());
  // A message for each line, because the broker bounds a message by its longest line.
  const write = (lines: string) => {
    for (const line of lines.split('\n').filter(Boolean)) socket.send(line);
  };
  return { write, end: () => socket.close(), destroy: () => socket.close() };
}
