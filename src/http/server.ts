/**
 * The HTTP server of a broker: it listens, bounds what each client may take, and ends in order. A client that sends
 * slowly, too much or nothing costs one connection, for a limited time.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { getRequestListener } from '@hono/node-server';
import { told } from '../shared/codes/log-line.ts';
import { reachableHost } from '../shared/common/config.ts';
import { Deadline } from '../shared/common/deadline.ts';
import { cannotListen } from '../transport/cannot-listen.ts';
import { refuse } from '../transport/websocket/refuse.ts';
import { type AppHost, httpApp } from './app.ts';
import { currentHostCheck, type HostCheck } from './host-check.ts';
import { shown } from './shown.ts';

/** Connections at a time that are not WebSockets; more are closed at once. */
export const MAX_HTTP_CONNECTIONS = 256;
/** All headers of a request together, with its first line. */
const MAX_HEADER_BYTES = 16 * 1024;
/** What one connection can take beside its body: its headers, its parser, and an answer that is not read. */
export const HTTP_CONNECTION_BYTES = 192 * 1024;
/** How long the responses that are under way may take at the end. */
const CLOSE_MS = 500;

/** How long a client may take, in milliseconds. Tests set shorter times. */
export interface HttpTimes {
  /** From the first byte of a request to the end of its headers. */
  readonly headersMs: number;
  /** From there to the end of its body. */
  readonly requestMs: number;
  /** Without a byte in either direction. */
  readonly idleMs: number;
  /** How often the first two are looked at. */
  readonly lookMs: number;
}

const TIMES: HttpTimes = { headersMs: 10_000, requestMs: 20_000, idleMs: 60_000, lookMs: 2_000 };
/** How long a connection stays open for a next request. */
const KEEP_ALIVE_MS = 10_000;

/** Takes the requests that ask for a WebSocket. */
interface Upgrades {
  /** Refuses the request, or takes its connection over. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What the server needs of the broker. */
export interface HttpHost extends AppHost {
  /** Whether the descriptor of a connection is one that the store may need. */
  isKeptBack(socket: Socket): boolean;
  readonly upgrades: Upgrades;
}

/** A server that listens. */
export class HttpServer {
  readonly #server: Server;
  readonly #host: HttpHost;
  readonly #check: HostCheck;
  /** The open connections. */
  readonly #connections = new Set<Socket>();

  private constructor(host: HttpHost, times: HttpTimes) {
    this.#host = host;
    this.#check = currentHostCheck(host.settings);
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: times.headersMs,
      requestTimeout: times.requestMs,
      connectionsCheckingInterval: times.lookMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    // The objects of the program that this is a part of stay as they are.
    const answer = getRequestListener(httpApp(host).fetch, { overrideGlobalObjects: false });
    this.#server = createServer(options, (request, response) => void answer(request, response));
    this.#server.setTimeout(times.idleMs);
    this.#server.on('connection', (socket: Socket) => this.#take(socket));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
  }

  /**
   * Listens on HTTP_HOST and HTTP_PORT.
   * @returns undefined if HTTP_PORT is off
   * @throws StartError if the address cannot be listened on
   */
  static async listen(host: HttpHost, times: HttpTimes = TIMES): Promise<HttpServer | undefined> {
    const { HTTP_HOST, HTTP_PORT } = host.settings.current;
    if (HTTP_PORT === 'off') return undefined;
    const server = new HttpServer(host, times);
    try {
      await server.#listenOn(HTTP_HOST, HTTP_PORT);
    } catch (error) {
      const settings = { host: 'HTTP_HOST', port: 'HTTP_PORT', orElse: ', or HTTP_PORT=off' };
      throw cannotListen(settings, HTTP_HOST, HTTP_PORT, error as NodeJS.ErrnoException);
    }
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Where a browser on this machine reaches it: `http://host:port`. */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    const host = reachableHost(address);
    return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** Stops listening, and closes all connections. Responses that are under way have CLOSE_MS to end. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const deadline = new Deadline(CLOSE_MS);
    await deadline.race(closed);
    deadline.clear();
    this.#server.closeAllConnections();
    await closed;
  }

  #listenOn(host: string, port: number): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#host.warnings.warn(told('ACCEPT_FAILED', { err: error })));
        resolve();
      });
    });
  }

  #take(socket: Socket): void {
    if (this.#connections.size >= MAX_HTTP_CONNECTIONS || this.#host.isKeptBack(socket)) {
      this.#host.warnings.warn(told('HTTP_CROWDED', { connections: this.#connections.size }));
      socket.destroy();
      return;
    }
    this.#connections.add(socket);
    socket.once('close', () => this.#connections.delete(socket));
  }

  /** A WebSocket is no connection of HTTP any more, and the limits of sessions bound it. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const { host, origin } = request.headers;
    // A client that says no origin is no browser, and may reach the broker by any name.
    const refusal = origin === undefined ? undefined : this.#check({ host, origin });
    if (refusal === undefined) {
      this.#connections.delete(socket);
      this.#host.upgrades.upgrade(request, socket, head);
      return;
    }
    this.#host.warnings.warn(told('HTTP_REFUSED', { reason: refusal, host: shown(host), origin: shown(origin) }));
    refuse(socket, '403 Forbidden', 'a page of this origin may not connect');
  }
}
