/** The sockets of a broker that connections to HTTP have got, in the order in which they came. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Socket } from 'node:net';
import type { TestBroker } from '../../../helpers/broker.ts';
import { until } from '../../../helpers/until.ts';

const CHANNEL = 'net.server.socket';

export class Arrivals implements Disposable {
  /** Without those that were closed at once. A port is no key: two addresses may have the same one. */
  readonly sockets: Socket[] = [];
  readonly #note: (message: unknown) => void;

  constructor({ web }: TestBroker) {
    this.#note = (message) => {
      const { socket } = message as { readonly socket: Socket };
      if (socket.localPort === web.port) this.sockets.push(socket);
    };
    subscribe(CHANNEL, this.#note);
  }

  /** Waits until so many of them are closed. */
  async areClosed(count: number): Promise<void> {
    const closed = () => this.sockets.filter((socket) => socket.closed).length;
    await until(
      () => closed() === count,
      () => `${count} to be closed, not ${closed()}`,
    );
  }

  [Symbol.dispose](): void {
    unsubscribe(CHANNEL, this.#note);
  }
}
