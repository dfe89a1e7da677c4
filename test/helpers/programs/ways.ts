/** The ways in which a program reaches a broker. */
import { WebSocket } from 'ws';
import type { TestBroker } from '../broker.ts';

export const WAYS = ['tcp', 'ws'] as const;
export type Way = (typeof WAYS)[number];

/** The class of the package throws its failures where nobody listens, which those of runtimes do not. */
class QuietWebSocket extends WebSocket {
  constructor(url: string, protocol: string) {
    super(url, protocol);
    this.on('error', () => undefined);
  }
}

// Node has one from 22 on. Before that, a program brings its own.
(globalThis as { WebSocket?: unknown }).WebSocket ??= QuietWebSocket;

/** The port of a broker for one way. */
export function portOf(broker: Pick<TestBroker, 'port' | 'web'>, way: Way): number {
  return way === 'tcp' ? broker.port : broker.web.port;
}

/** The address of a broker for one way. */
export function urlOf(broker: Pick<TestBroker, 'port' | 'web'>, way: Way): string {
  return `${way}://127.0.0.1:${portOf(broker, way)}`;
}
