/** An HTTP server in this process, through which a broker speaks WebSocket. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebSocketGate } from '../../../src/transport/websocket/gate.ts';

export class WebServer implements Disposable {
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
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

  get url(): string {
    return `ws://127.0.0.1:${this.port}/v1/ws`;
  }

  /** Accepts no more. The sockets end with their sessions. */
  [Symbol.dispose](): void {
    this.#server.close();
  }
}
