/**
 * The HTTP server of a broker: it listens, bounds what each client may take, and ends in order. A client that sends
 * slowly, too much or nothing costs one connection, for a limited time.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerOptions } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { TLSSocket } from 'node:tls';
import { getRequestListener } from '@hono/node-server';
import { told } from '../shared/codes/log-line.ts';
import { reachableHost } from '../shared/common/config.ts';
import { Deadline } from '../shared/common/deadline.ts';
import { cannotListen } from '../transport/listening/cannot-listen.ts';
import type { Credentials } from '../transport/secure/credentials.ts';
import { failedHandshake } from '../transport/secure/handshake-problem.ts';
import { refuse } from '../transport/websocket/refuse.ts';
import { type AppHost, httpApp } from './app.ts';
import { type ConnectionsHost, HttpConnections } from './connections.ts';
import { listenerProblem } from './problems.ts';
import { currentHostCheck, type HostCheck } from './requests/host-check.ts';
import { OpenAnswers } from './requests/open-answers.ts';
import { shownHost } from './requests/shown.ts';

/** All headers of a request together, with its first line. */
const MAX_HEADER_BYTES = 16 * 1024;
/** What one connection can take beside its bodies: its headers, its parser, and an answer that is not read. */
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
export interface HttpHost extends AppHost, ConnectionsHost {
  readonly upgrades: Upgrades;
  /** With it, all of HTTP is with TLS. */
  readonly credentials?: Credentials | undefined;
}

/** A server that listens. */
export class HttpServer {
  readonly #server: Server;
  readonly #host: HttpHost;
  readonly #check: HostCheck;
  readonly #answers = new OpenAnswers();
  readonly #connections: HttpConnections;

  private constructor(host: HttpHost, times: HttpTimes) {
    this.#host = host;
    this.#check = currentHostCheck(host.settings);
    this.#connections = new HttpConnections(host, (socket) => this.#answers.hasAny(socket));
    const options = {
      maxHeaderSize: MAX_HEADER_BYTES,
      headersTimeout: times.headersMs,
      requestTimeout: times.requestMs,
      connectionsCheckingInterval: times.lookMs,
      keepAliveTimeout: KEEP_ALIVE_MS,
    };
    // The objects of the program that this is a part of stay as they are.
    const errorHandler = (error: unknown) => listenerProblem(error, host.warnings);
    const answer = getRequestListener(httpApp(host).fetch, { overrideGlobalObjects: false, errorHandler });
    this.#server = this.#serverWith(options, times, (request, response) => {
      if (this.#answers.begin(request, response)) void answer(request, response);
    });
    this.#server.setTimeout(times.idleMs);
    const served = host.credentials === undefined ? 'connection' : 'secureConnection';
    this.#server.on(served, (socket: Socket) => this.#answers.watch(socket));
    this.#server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket as Socket, head));
    this.#connections.guard(this.#server, host.credentials !== undefined);
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

  /** Where a browser on this machine reaches it: `http://host:port`, or `https:` with TLS. */
  get url(): string {
    const { address, port } = this.#server.address() as AddressInfo;
    const host = reachableHost(address);
    const protocol = this.#host.credentials === undefined ? 'http' : 'https';
    return `${protocol}://${host.includes(':') ? `[${host}]` : host}:${port}`;
  }

  /** Stops listening, and closes all connections. Responses that are under way have CLOSE_MS to end. */
  async close(): Promise<void> {
    // This ends the answers that go on as long as the broker.
    this.#host.view.admin.history.end();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const deadline = new Deadline(CLOSE_MS);
    await deadline.race(closed);
    deadline.clear();
    this.#server.closeAllConnections();
    this.#connections.end();
    await closed;
  }

  /** A handshake counts as a connection, and has as long as the headers of a request. */
  #serverWith(options: ServerOptions, { headersMs }: HttpTimes, answer: RequestListener): Server {
    const { credentials, warnings } = this.#host;
    if (credentials === undefined) return createServer(options, answer);
    const secureOptions = { ...credentials.serverOptions, handshakeTimeout: headersMs };
    const server = createSecureServer({ ...options, ...secureOptions }, answer);
    const { handshakes } = credentials;
    server.on('secureConnection', (secure: TLSSocket) => handshakes.done(secure));
    server.on('tlsClientError', (error, secure: TLSSocket) => {
      handshakes.results.failed++;
      warnings.warn(failedHandshake(error, secure));
    });
    credentials.serve(server);
    return server;
  }

  #listenOn(host: string, port: number): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port }, () => {
        server.off('error', reject);
        server.on('error', (error) => this.#host.warnings.warn(told('ACCEPT_FAILED', { err: error })));
        this.#host.view.admin.history.begin();
        resolve();
      });
    });
  }

  /** A WebSocket is no connection of HTTP any more, and the limits of sessions bound it. */
  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    if (this.#answers.hasAny(socket)) {
      socket.destroy(); // the answers that are due would stand between frames
      return;
    }
    const { host, origin } = request.headers;
    // A client that says no origin is no browser, and may reach the broker by any name.
    const refusal = origin === undefined ? undefined : this.#check({ host, origin });
    if (refusal === undefined) {
      this.#connections.release(socket);
      this.#host.upgrades.upgrade(request, socket, head);
      return;
    }
    this.#host.warnings.warn(
      told('HTTP_REFUSED', { reason: refusal, host: shownHost(host), origin: shownHost(origin) }),
    );
    refuse(socket, '403 Forbidden', 'a page of this origin may not connect');
  }
}
