/**
 * The way in for WebSockets: it takes requests of an HTTP server to become one. A request is refused, before that, for
 * its path, its page or its protocol.
 */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { type Server, WebSocketServer } from 'ws';
import { ended } from '../../shared/codes/log-line.ts';
import type { Config } from '../../shared/common/config.ts';
import type { RateLimitedWarnings } from '../../shared/common/log/log.ts';
import type { ListenerHost, Refusal } from '../listener.ts';
import { MAX_REFUSALS } from '../listening/descriptors.ts';
import { clientOf } from '../proxy/forwarded-for.ts';
import { securePeer } from '../secure/secure-peer.ts';
import { KEEP_ALIVE_MS, peerOf } from '../socket.ts';
import { DEAF } from '../transport.ts';
import { refuse } from './refuse.ts';
import { PeerSocket, WebSocketTransport } from './transport.ts';

/** Where the broker speaks WebSocket. */
const PATH = '/v1/ws';
/** What it speaks there. */
const PROTOCOL = 'restante.v1';
/** A message may have so many bytes, whatever the longest line is. So a client may gather lines up to this. */
const LEAST_MESSAGE_BYTES = 64 * 1024;
const LINE_END_BYTES = 2;
/**
 * A message may come in so many frames, and its last frame in so many reads of the socket. It is kept in these parts
 * until it is whole, and a small part costs more than its bytes.
 */
export const MAX_MESSAGE_PARTS = 256;
/** How long a peer may take to answer the end of its connection. */
const CLOSE_TIMEOUT_MS = 5_000;

/** The most bytes of one message of a peer: a longest line with its end, or several short ones. */
export function maxMessageBytes(maxLineBytes: number): number {
  return Math.max(LEAST_MESSAGE_BYTES, maxLineBytes + LINE_END_BYTES);
}

/** The gate of one broker. */
export class WebSocketGate {
  readonly #readBuffer: Buffer;
  readonly #warnings: RateLimitedWarnings;
  readonly #host: Pick<ListenerHost, 'take' | 'proxies'>;
  readonly #server: Server<typeof PeerSocket>;
  /** Connections that are being told why they are refused. */
  #refused = 0;
  #closed = false;

  /** @param readBuffer the buffer that all connections read into */
  constructor(
    { MAX_LINE_BYTES }: Pick<Config, 'MAX_LINE_BYTES'>,
    warnings: RateLimitedWarnings,
    readBuffer: Buffer,
    host: Pick<ListenerHost, 'take' | 'proxies'>,
  ) {
    this.#warnings = warnings;
    this.#readBuffer = readBuffer;
    this.#host = host;
    // Not in the call: the types of the library do not know all options.
    const options = {
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      // The decoder looks at every line, and says what is wrong with it.
      skipUTF8Validation: true,
      // The outlet answers pings.
      autoPong: false,
      maxPayload: maxMessageBytes(MAX_LINE_BYTES),
      maxFragments: MAX_MESSAGE_PARTS,
      maxBufferedChunks: MAX_MESSAGE_PARTS,
      closeTimeout: CLOSE_TIMEOUT_MS,
      handleProtocols: () => PROTOCOL,
      WebSocket: PeerSocket,
    };
    this.#server = new WebSocketServer(options);
  }

  /** Takes what a server emits as `upgrade`. The request is refused, or its socket becomes a connection. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#closed) refuse(socket, '503 Service Unavailable', 'the broker is stopping');
    else if (pathOf(request) !== PATH) refuse(socket, '404 Not Found', `there is nothing but ${PATH}`);
    else if (hasBody(request)) refuse(socket, '400 Bad Request', 'such a request has no body');
    else if (!speaks(request)) refuse(socket, '400 Bad Request', `the protocol is ${PROTOCOL}`);
    else
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        this.#accept(webSocket, socket as Socket, request);
      });
  }

  /** From now on refuses everything. */
  close(): void {
    this.#closed = true;
  }

  #accept(webSocket: PeerSocket, socket: Socket, { headers }: IncomingMessage): void {
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    const peer = socket instanceof TLSSocket ? securePeer(socket, peerOf(socket)) : peerOf(socket);
    const client = clientOf(peer, forwardedFor(headers), this.#host.proxies);
    const transport = new WebSocketTransport(webSocket, socket, this.#readBuffer, client);
    const why = this.#host.take(transport);
    if (why === undefined) return;
    this.#warnings.warn(ended(why, { peer: transport.peer.text }));
    this.#refuse(transport, why);
  }

  /** Tells a connection why it is refused, and closes it. */
  #refuse(transport: WebSocketTransport, { answer, code }: Refusal): void {
    if (answer !== undefined) transport.outlet.write(answer, () => undefined);
    transport.start(DEAF);
    transport.end(code);
    if (this.#refused >= MAX_REFUSALS) transport.destroy();
    this.#refused++;
    void transport.closed.then(() => this.#refused--);
  }
}

function pathOf({ url = '' }: IncomingMessage): string | undefined {
  return url.split('?', 1)[0];
}

/** Node joins several of these headers by a comma. */
function forwardedFor(headers: IncomingHttpHeaders): string | undefined {
  return headers['x-forwarded-for']?.toString();
}

/** A proxy takes a body for one, and here it would be frames. */
function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0;
}

/** Whether the client offers the protocol, or says nothing of protocols: the path says enough. */
function speaks({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'];
  return offered === undefined || offered.split(',').some((each) => each.trim() === PROTOCOL);
}
