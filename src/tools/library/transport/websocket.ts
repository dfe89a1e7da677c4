/** WebSocket, by the one that the runtime has: browsers, Deno, Bun, and Node from 22. */
import { ConnectionError } from '../errors.ts';
import type { Connection, ConnectionSink } from './transport.ts';

const PROTOCOL = 'restante.v1';
/** The broker takes a message of so many bytes, and a longer one only if it is one line. */
const MESSAGE_BYTES = 64 * 1024;
/** A character of a JavaScript text has no more. */
const CHARACTER_BYTES = 3;

/** What is used of a WebSocket. */
interface Socket {
  send(text: string): void;
  close(): void;
  addEventListener(
    type: string,
    listener: (event: { readonly data?: unknown; readonly error?: unknown }) => void,
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
  // Browsers do not say why. The class of a package may throw where nobody listens.
  let cause: unknown;
  socket.addEventListener('error', ({ error }) => {
    cause = error;
  });
  socket.addEventListener('close', () => sink.closed(cause));
  const write = (lines: string) => {
    for (const message of messagesOf(lines)) socket.send(message);
  };
  return { write, end: () => socket.close(), destroy: () => socket.close() };
}

/** Lines as messages that the broker takes. A line goes into one message whole. */
function messagesOf(lines: string): string[] {
  const messages: string[] = [];
  for (let start = 0; start < lines.length; ) {
    const last = lines.lastIndexOf('\n', start + MESSAGE_BYTES / CHARACTER_BYTES);
    const end = (last < start ? lines.indexOf('\n', start) : last) + 1;
    messages.push(lines.slice(start, end));
    start = end;
  }
  return messages;
}
