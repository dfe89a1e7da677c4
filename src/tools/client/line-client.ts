/** A client of the line protocols: it sends lines, receives lines, and leaves in order. */
import { connect, type Socket } from 'node:net';

const MAX_LINE_CHARACTERS = 1024 ** 2;

/** The broker to connect to, and the first line. */
export interface ClientOptions {
  readonly host: string;
  readonly port: number;
  /** The first line: a name in the plain protocol, a hello in that of programs. */
  readonly first: string;
  /** Is called with every line of the broker, without its end. */
  readonly onLine: (line: string) => void;
}

/**
 * How a connection ended: we left and the broker closed its side; the broker closed it first; `destroy` was called; it
 * failed.
 */
export type Ending =
  | { readonly kind: 'left' }
  | { readonly kind: 'closed by the broker' }
  | { readonly kind: 'destroyed' }
  | { readonly kind: 'failed'; readonly error: Error };

/** One connection. */
export class LineClient {
  /** Resolves with true once connected, or with false if the connection ended before. */
  readonly opened: Promise<boolean>;
  /** Resolves when the socket is closed. Every line has been passed to `onLine` by then. */
  readonly ended: Promise<Ending>;
  readonly #socket: Socket;
  readonly #onLine: (line: string) => void;
  #rest = '';
  #leaving = false;
  #streamEnded = false;
  #error: Error | undefined;

  /** Starts to connect, and sends the first line. Lines that are sent before it has connected are sent after that. */
  constructor({ host, port, first, onLine }: ClientOptions) {
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
    this.send(first);
  }

  /** Bytes that were sent, and that the kernel has not taken. */
  get unsentBytes(): number {
    return this.#socket.writableLength;
  }

  /** Sends one line, which is given without its end; or several, with a line end between each two. */
  send(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  /**
   * Ends its side of the connection after everything was sent, and reads until the broker ends the other side. Then the
   * name is free. There is no time limit.
   */
  leave(): Promise<Ending> {
    this.#leaving = true;
    this.#socket.end();
    return this.ended;
  }

  /** Closes the connection at once. Nothing more is sent or received. */
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
