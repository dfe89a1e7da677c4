/** An HTTP server in this process, through which a broker speaks WebSocket. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { WebSocketGate } from '../../../src/transport/websocket/gate.ts';

export class WebServer implements Disposable {
  readonly #server: Server;
  /** The server's sockets, by the port of the peer. */
  readonly sockets = new Map<number, Socket>();

  private constructor(server: Server) {
    this.#server = server;
    server.on('connection', (socket) => this.sockets.set(socket.remotePort ?? 0, socket));
  }

  /** Starts a server on a free port. */
  static async of(gate: Pick<WebSocketGate, 'upgrade'>): Promise<WebServer> {
    const server = createServer();
    server.on('upgrade', (request, socket, head) => gate.upgrade(request, socket, head));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new WebServer(server);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Accepts no more. The sockets end with their sessions. */
  [Symbol.dispose](): void {
    this.#server.close();
  }
}
