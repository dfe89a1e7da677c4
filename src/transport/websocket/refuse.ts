/** The answer to a request that does not become a WebSocket. */
import type { Duplex } from 'node:stream';

/**
 * Answers in HTTP, and closes the connection.
 * @param status such as `404 Not Found`
 * @param why the reason, in ASCII
 */
export function refuse(socket: Duplex, status: string, why: string): void {
  socket.on('error', () => undefined); // it is closed in any case
  const headers = ['Connection: close', 'Content-Type: text/plain; charset=utf-8', `Content-Length: ${why.length + 1}`];
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('\r\n')}\r\n\r\n${why}\n`);
}
