/**
 * A client of the plain session: a name, lines out, lines in, and a polite leave. It decides nothing.
 */
import { connect, type Socket } from 'node:net';

const MAX_LINE_CHARACTERS = 1024 ** 2;

export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** Sent as the first line. */
  readonly name: string;
  /** Gets every line of the broker's, without its end. */
  readonly onLine: (line: string) => void;
}

/**
 * How a connection ended: by our leave and the broker's answer to it, by the broker alone, by `destroy`, or it broke.
 */
export type Ending =
  | { readonly kind: 'left' }
  | { readonly kind: 'closed by the broker' }
  | { readonly kind: 'destroyed' }
  | { readonly kind: 'failed'; readonly error: Error };

export class PlainClient {
  /** Resolves when connected (true), or when it has ended before (false). */
  readonly opened: Promise<boolean>;
  /** Resolves when the socket is closed; every line has been given out by then. */
  readonly ended: Promise<Ending>;
  readonly #socket: Socket;
  readonly #onLine: (line: string) => void;
  #rest = '';
  #leaving = false;
  #streamEnded = false;
  #error: Error | undefined;

  /** Begins to connect, and says its name. What is sent meanwhile is sent when it is connected. */
  constructor({ host, port, name, onLine }: ClientOptions) {
    this.#onLine = onLine;
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#receive(text));
    socket.on('end', () => {
      this.#streamEnded = true;
    });
    socket.on('error', (error) => {
      this.#error = error;
    });
    this.ended = new Promise((resolve) => socket.once('close', () => resolve(this.#ending())));
    this.opened = Promise.race([
      new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true))),
      this.ended.then(() => false),
    ]);
    this.send(name);
  }

  /**
   * A client that is connected.
   * @throws whatever kept it from that
   */
  static async connect(options: ClientOptions): Promise<PlainClient> {
    const client = new PlainClient(options);
    if (await client.opened) return client;
    const ending = await client.ended;
    throw ending.kind === 'failed' ? ending.error : new Error(ending.kind);
  }

  /** Bytes that were sent and that the kernel has not taken. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Sends one line, given without its end; or several, with a line end between them. */
  send(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  /** Ends its own side once all is sent, and reads to the end: then the name is free. Who waits sets the limit. */
  leave(): Promise<Ending> {
    this.#leaving = true;
    this.#socket.end();
    return this.ended;
  }

  /** Closes at once; what was not sent is not, and what comes is not read. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(text: string): void {
    const all = this.#rest + text;
    let start = 0;
    for (let end = all.indexOf('\n'); end >= 0; end = all.indexOf('\n', start)) {
      this.#onLine(all.slice(start, end));
      start = end + 1;
      if (this.#socket.destroyed) return;
    }
    this.#rest = all.slice(start);
    if (this.#rest.length > MAX_LINE_CHARACTERS) this.#socket.destroy(new Error('a line of the broker has no end'));
  }

  #ending(): Ending {
    if (this.#error !== undefined) return { kind: 'failed', error: this.#error };
    if (!this.#streamEnded) return { kind: 'destroyed' };
    return { kind: this.#leaving ? 'left' : 'closed by the broker' };
  }
}
