/** A peer of an end-to-end test. It sends raw bytes, keeps everything it received, and can leave in every way. */
import { connect, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectSecurely, type TLSSocket } from 'node:tls';
import { until } from './until.ts';

export class Peer {
  readonly #socket: Socket;
  readonly port: number;
  #chunks: Buffer[] = [];
  receivedBytes = 0;
  sentBytes = 0;
  hasEnded = false;
  sawEnd = false;
  closed = false;
  frozen = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.port = socket.localPort ?? 0;
    socket.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.receivedBytes += chunk.length;
    });
    socket.on('end', () => {
      this.sawEnd = true;
    });
    socket.on('close', () => {
      this.closed = true;
    });
    socket.on('error', () => undefined); // a reset is one of the ways a test ends a connection
  }

  /** @param from an address of this machine to come from: Linux has all of 127.0.0.0/8 */
  static connect(port: number, from = '127.0.0.1'): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', localAddress: from, noDelay: true, allowHalfOpen: true };
      const socket = connect(options);
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Peer(socket)));
    });
  }

  /** Connects with TLS. Resolves when the handshake is done. Its numbers of bytes are those without TLS. */
  static connectSecurely(port: number, options: ConnectionOptions): Promise<Peer> {
    return new Promise((resolve, reject) => {
      // The types of Node leave out that a connection with TLS can be half open.
      const halfOpen = { allowHalfOpen: true } as ConnectionOptions;
      const socket: TLSSocket = connectSecurely({ ...halfOpen, port, host: '127.0.0.1', ...options });
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(new Peer(socket)));
    });
  }

  get received(): string {
    return Buffer.concat(this.#chunks).toString();
  }

  /** The received text without the broker's own lines. */
  get mail(): string {
    return this.received.replace(/^\* .*\n/gm, '');
  }

  /** Removes the welcome from the received text, if it came first. @returns the welcome */
  takeWelcome(): string | undefined {
    const all = Buffer.concat(this.#chunks);
    if (!all.toString().startsWith('* you are ')) return undefined;
    const end = all.indexOf('\n') + 1;
    this.#chunks = [all.subarray(end)];
    return all.toString('utf8', 0, end);
  }

  /** The end of the received text, at least `bytes` long. It is cheap where `received` is large. */
  tail(bytes: number): string {
    let first = this.#chunks.length;
    for (let length = 0; first > 0 && length < bytes; ) length += this.#chunks[--first]?.length ?? 0;
    return Buffer.concat(this.#chunks.slice(first)).toString();
  }

  get destroyed(): boolean {
    return this.#socket.destroyed;
  }

  send(data: string | Buffer): this {
    this.#socket.write(data);
    this.sentBytes += Buffer.byteLength(data);
    return this;
  }

  /** Ends this side. The broker may still send. */
  end(): this {
    this.hasEnded = true;
    this.#socket.end();
    return this;
  }

  /** Ends this side, and reads to the end of the stream. */
  async leave(): Promise<void> {
    this.end();
    await this.gone();
  }

  /** Resets the connection. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** Stops reading, or reads again. */
  freeze(frozen = true): void {
    this.frozen = frozen;
    if (frozen) this.#socket.pause();
    else this.#socket.resume();
  }

  /** Waits until `text` has been received. */
  async got(text: string): Promise<void> {
    await until(
      () => this.received.includes(text),
      () => `${JSON.stringify(text)}, got ${JSON.stringify(this.received.slice(-200))}`,
    );
  }

  /** Waits until the broker has ended its side. */
  async gone(): Promise<void> {
    await until(() => this.sawEnd || this.closed, 'the end of the stream');
  }
}
