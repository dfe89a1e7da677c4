/** A client of HTTP that sends bytes as they are, right or wrong. */
import { connect, type Socket } from 'node:net';
import { until } from '../until.ts';

export class RawClient implements Disposable {
  readonly #socket: Socket;
  received = '';
  closed = false;

  /** @param from an address of this machine to come from: Linux has all of 127.0.0.0/8 */
  constructor(url: string, from = '127.0.0.1') {
    this.#socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', localAddress: from });
    this.#socket.setEncoding('utf8');
    this.#socket.on('data', (text: string) => {
      this.received += text;
    });
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      this.closed = true;
    });
  }

  write(text: string): this {
    this.#socket.write(text);
    return this;
  }

  /** Reads no more. */
  freeze(): this {
    this.#socket.pause();
    return this;
  }

  async ended(what: string): Promise<string> {
    await until(
      () => this.closed,
      () => `${what} to be closed, which got ${this.received}`,
    );
    return this.received.split('\r\n')[0] ?? '';
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
