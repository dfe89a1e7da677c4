/** A server that speaks TLS for a broker, as a proxy before it does: it passes on what is inside. */
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer, type Server, type TlsOptions } from 'node:tls';

export class TlsFront implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How many connections were made, whether they spoke TLS or not. */
  connections = 0;

  private constructor(brokerPort: number, options: TlsOptions) {
    this.#server = createServer(options, (client) => this.#pass(client, brokerPort));
    this.#server.on('connection', (socket: Socket) => {
      this.connections++;
      this.#keep(socket);
    });
    // A client that does not like the certificate hangs up.
    this.#server.on('tlsClientError', () => undefined);
  }

  static async to(brokerPort: number, options: TlsOptions): Promise<TlsFront> {
    const front = new TlsFront(brokerPort, options);
    front.#server.listen(0, '127.0.0.1');
    await once(front.#server, 'listening');
    return front;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes another certificate from the next connection on. */
  use(options: TlsOptions): void {
    this.#server.setSecureContext(options);
  }

  #pass(client: Socket, brokerPort: number): void {
    const broker = connect({ port: brokerPort, host: '127.0.0.1', noDelay: true });
    this.#keep(broker);
    client.on('error', () => broker.destroy());
    broker.on('error', () => client.destroy());
    client.pipe(broker).pipe(client);
    client.once('close', () => broker.end());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}
