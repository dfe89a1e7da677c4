/**
 * The open connections of HTTP, each from when it comes until it is closed or becomes a WebSocket. What must be true:
 * 1. They are MAX_HTTP_CONNECTIONS at most. When all places are taken, a new one has the place of one from the address
 *    with the most, see Crowding: of the oldest that waits for no answer, or else of the oldest. Where that is not fair
 *    the new one is closed. Each connection of a trusted proxy counts as an address of its own in this, because behind
 *    it is a client.
 * 2. Each counts to its address, see HttpVisits.
 * 3. One that is not let in costs neither a handshake nor a parser. With TLS it is closed without a word, because who
 *    expects a handshake cannot read one.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ended, told } from '../shared/codes/log-line.ts';
import type { RateLimitedWarnings } from '../shared/common/log/log.ts';
import { addressKey } from '../shared/visitors/address-key.ts';
import { Crowding } from '../shared/visitors/fair-place.ts';
import type { HttpVisit } from '../shared/visitors/http-visits.ts';
import type { Refusal } from '../transport/listener.ts';
import { MAX_REFUSALS } from '../transport/listening/descriptors.ts';
import type { Proxies } from '../transport/proxy/forwarded-for.ts';
import { peerOf, socketBelow } from '../transport/socket.ts';
import type { Peer } from '../transport/transport.ts';
import { RETRY_SECONDS } from './messages/session-problems.ts';
import { wholeAnswer } from './problems.ts';

/** Connections at a time that are not WebSockets. */
export const MAX_HTTP_CONNECTIONS = 256;
/** One that is told why it is refused is closed after this long. */
const REFUSAL_MS = 2_000;

/** What the connections need of the broker. */
export interface ConnectionsHost {
  /** Counts a connection. @returns its visit, or why it is refused */
  enter(peer: Peer): HttpVisit | Refusal;
  /** Whether the descriptor of a connection is one that the store may need. */
  isKeptBack(socket: Socket): boolean;
  readonly proxies: Proxies;
  readonly warnings: Pick<RateLimitedWarnings, 'warn'>;
}

interface Connection {
  readonly address: string | undefined;
  readonly visit: HttpVisit;
  /** What its requests come from. With TLS that is another socket, once the handshake is done. */
  served: Socket;
}

export class HttpConnections {
  readonly #host: ConnectionsHost;
  readonly #isBusy: (served: Socket) => boolean;
  /** By what was accepted: with TLS, the TCP connection below. The oldest is first. */
  readonly #open = new Map<Socket, Connection>();
  /** Those that are being told why they are refused. Each lasts REFUSAL_MS at most. */
  readonly #refused = new Set<Socket>();

  /** @param isBusy whether a connection waits for an answer */
  constructor(host: ConnectionsHost, isBusy: (served: Socket) => boolean) {
    this.#host = host;
    this.#isBusy = isBusy;
  }

  /** From now on the server gets those connections only that are let in. All of its listeners must be there by now. */
  guard(server: Server, secure: boolean): void {
    // Node itself is one of them. It takes what is emitted to it, as its documents say.
    const serve = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.#letsIn(socket, secure)) for (const each of serve) each.call(server, socket);
    });
    if (secure) server.on('secureConnection', (above: TLSSocket) => this.#secured(above));
  }

  /** A connection is none of HTTP any more. @param served what its requests came from */
  release(served: Socket): void {
    this.#forget((served instanceof TLSSocket ? socketBelow(served) : undefined) ?? served);
  }

  /** Closes all. */
  end(): void {
    for (const socket of [...this.#open.keys(), ...this.#refused]) this.#servedOf(socket).destroy();
  }

  #letsIn(socket: Socket, secure: boolean): boolean {
    const peer = peerOf(socket);
    const isFull = this.#open.size >= MAX_HTTP_CONNECTIONS;
    const leaves = isFull ? this.#leavesFor(socket, peer) : undefined;
    if (this.#host.isKeptBack(socket) || (isFull && leaves === undefined)) {
      this.#close(socket, peer);
      return false;
    }
    const visit = this.#host.enter(peer);
    if ('code' in visit) {
      this.#refuse(socket, peer, visit, secure);
      return false;
    }
    if (leaves !== undefined) this.#closeForAnother(leaves);
    this.#open.set(socket, { address: peer.address, visit, served: socket });
    socket.once('close', () => this.#forget(socket));
    return true;
  }

  #leavesFor(newcomer: Socket, { address }: Peer): Socket | undefined {
    const guests = [...this.#open].map(([socket, open]) => [socket, this.#crowdOf(socket, open.address)] as const);
    const mayLeave = new Crowding(guests).mayLeaveFor(this.#crowdOf(newcomer, address));
    return mayLeave.find((socket) => !this.#isBusy(this.#servedOf(socket))) ?? mayLeave[0];
  }

  /** What an address counts as now: who is a trusted proxy may have changed. */
  #crowdOf(socket: Socket, address: string | undefined): unknown {
    return this.#host.proxies.has(address) ? socket : addressKey(address);
  }

  #closeForAnother(socket: Socket): void {
    const served = this.#servedOf(socket);
    this.#close(served, peerOf(socket));
    this.#forget(socket);
  }

  #close(socket: Socket, { text }: Peer): void {
    this.#host.warnings.warn(told('HTTP_CROWDED', { connections: this.#open.size, peer: `http ${text}` }));
    socket.destroy();
  }

  #refuse(socket: Socket, { text }: Peer, why: Refusal, secure: boolean): void {
    this.#host.warnings.warn(ended(why, { peer: `http ${text}` }));
    socket.on('error', () => undefined); // it is closed in any case
    if (secure || this.#refused.size >= MAX_REFUSALS) {
      socket.destroy();
      return;
    }
    this.#refused.add(socket);
    const timer = setTimeout(() => socket.destroy(), REFUSAL_MS);
    socket.once('close', () => {
      clearTimeout(timer);
      this.#refused.delete(socket);
    });
    const answer = wholeAnswer('TOO_MANY', { what: 'connections' }, { retry: why.retry ?? RETRY_SECONDS });
    // Some clients take an answer for none that comes before their request. What they still send is thrown away: a
    // socket closed over unread bytes is reset, and that can overtake the answer.
    socket.once('data', () => socket.end(answer));
    socket.once('end', () => socket.end());
  }

  #secured(above: TLSSocket): void {
    const below = socketBelow(above);
    const connection = below && this.#open.get(below);
    if (connection !== undefined) connection.served = above;
  }

  #servedOf(socket: Socket): Socket {
    return this.#open.get(socket)?.served ?? socket;
  }

  #forget(socket: Socket): void {
    this.#open.get(socket)?.visit.leave();
    this.#open.delete(socket);
  }
}
