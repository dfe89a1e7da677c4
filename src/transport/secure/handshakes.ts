/**
 * The handshakes of TLS that are under way. They are bounded in number and in time, and each that fails costs one
 * connection. A connection that has sent nothing yet has no TLS, and takes no more memory than a plain one. Bytes that
 * are no TLS are answered as they came, in the clear.
 */
import type { Socket } from 'node:net';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { ended, told } from '../../shared/codes/log-line.ts';
import type { SessionEndCode } from '../../shared/codes/session-ends.ts';
import type { RateLimitedWarnings } from '../../shared/common/log/log.ts';
import type { Visit } from '../../shared/visitors/visit.ts';
import type { ListenerHost } from '../listener.ts';
import { Introduction } from '../proxy/introduction.ts';
import { peerOf, socketBelow } from '../socket.ts';
import { type AcceptedHandle, acceptedSocket } from '../tcp.ts';
import type { Peer } from '../transport.ts';
import type { Credentials } from './credentials.ts';
import type { HandshakeCounts } from './handshake-counts.ts';
import { handshakeProblem } from './handshake-problem.ts';
import { securePeer } from './secure-peer.ts';
import { TlsTransport } from './tls.ts';

/** Bounds of handshakes. Tests set smaller ones. */
export interface HandshakeLimits {
  /** The most at a time. */
  readonly atATime: number;
  /** How long one may take, from the accepted connection on. */
  readonly timeoutMs: number;
  /** When there are too many, the oldest ends for a new one, if it has had this long. Otherwise the new one ends. */
  readonly graceMs: number;
}

export const MAX_HANDSHAKES = 1_024;
const LIMITS: HandshakeLimits = { atATime: MAX_HANDSHAKES, timeoutMs: 10_000, graceMs: 1_000 };
/** The first byte of a client that speaks TLS: the type of a handshake record. */
const HANDSHAKE_RECORD = 0x16;
/** A client that does not speak TLS is told so, and closed after this long. */
const ANSWER_MS = 2_000;

type Warnings = Pick<RateLimitedWarnings, 'warn'>;

/** What a client is told that begins without TLS. */
interface NotTls {
  readonly code: SessionEndCode;
  readonly message: string;
  /** Undefined if nothing is said. */
  readonly answer: Uint8Array | undefined;
}

export interface HandshakeHost extends Pick<ListenerHost, 'proxies' | 'enter' | 'unproxied'> {
  /** @param firstByte what the client began with */
  notTls(firstByte: number): NotTls;
}

/** Gets a connection whose handshake is done. @param visit what it counts to since it began */
type Take = (transport: TlsTransport, visit: Visit | undefined) => void;

interface Handshake {
  readonly socket: Socket;
  peer: Peer;
  readonly since: number;
  readonly take: Take;
  /** The header of a proxy, while it is due. */
  introduction: Introduction | undefined;
  /** What it counts to, until it is done. */
  visit: Visit | undefined;
  timer: NodeJS.Timeout;
  /** Whether TLS has begun, which reports the end. */
  begun: boolean;
  /** Whether its end has been logged, or is none to log. */
  settled: boolean;
}

export class Handshakes {
  readonly #warnings: Warnings;
  readonly #host: HandshakeHost;
  readonly #limits: HandshakeLimits;
  readonly #server: Server;
  /** Those under way, oldest first. */
  readonly #open = new Map<Socket, Handshake>();
  readonly #counts: HandshakeCounts;

  constructor(credentials: Credentials, warnings: Warnings, host: HandshakeHost, limits: HandshakeLimits = LIMITS) {
    this.#warnings = warnings;
    this.#host = host;
    this.#limits = limits;
    this.#counts = credentials.handshakes;
    // It never listens. Connections are handed to it, so it has its own limit of time beyond ours.
    const handshakeTimeout = 2 * limits.timeoutMs;
    this.#server = createServer({ ...credentials.serverOptions, handshakeTimeout });
    this.#server.on('secureConnection', (secure) => this.#done(secure));
    this.#server.on('tlsClientError', (error, secure) => this.#failedWith(error, secure));
    credentials.serve(this.#server);
  }

  /** How many are under way. */
  get underWay(): number {
    return this.#open.size;
  }

  /** Begins the handshake of an accepted connection. @param take gets the connection when it is done */
  begin(handle: AcceptedHandle, take: Take): void {
    const socket = acceptedSocket(handle);
    const peer = peerOf(socket);
    socket.on('error', () => undefined); // it closes, which is what counts
    if (!this.#hasRoom()) {
      this.#counts.results.refused++;
      this.#warnings.warn(told('TLS_CROWDED', { handshakes: this.#open.size, peer: peer.text }));
      socket.destroy();
      return;
    }
    const since = performance.now();
    const timer = setTimeout(() => this.#giveUp(handshake, 'it took too long'), this.#limits.timeoutMs);
    const introduction = this.#host.proxies.has(peer.address) ? new Introduction(peer) : undefined;
    const rest = { visit: undefined, timer, begun: false, settled: false };
    const handshake: Handshake = { socket, peer, since, take, introduction, ...rest };
    this.#open.set(socket, handshake);
    if (introduction === undefined && !this.#enters(handshake)) return;
    socket.once('close', () => {
      if (!handshake.begun) this.#forget(socket);
    });
    this.#whenReadable(handshake);
  }

  #whenReadable(handshake: Handshake): void {
    handshake.socket.once('readable', () => this.#heard(handshake));
  }

  /** Counts a connection before its handshake, which is what costs. @returns whether it may come in */
  #enters(handshake: Handshake): boolean {
    const entered = this.#host.enter(handshake.peer, 'tls');
    if ('code' in entered) this.#refuse(handshake, entered);
    else handshake.visit = entered;
    return !('code' in entered);
  }

  /** Nothing is said, because who expects a handshake cannot read it. */
  #refuse(handshake: Handshake, why: Pick<NotTls, 'code' | 'message'>): void {
    handshake.settled = true;
    this.#warnings.warn(ended(why, { peer: handshake.peer.text }));
    this.#forget(handshake.socket);
    handshake.socket.destroy();
  }

  /** Ends all that are under way. */
  close(): void {
    for (const handshake of [...this.#open.values()]) {
      handshake.settled = true;
      handshake.socket.destroy();
    }
  }

  #hasRoom(): boolean {
    if (this.#open.size < this.#limits.atATime) return true;
    const [oldest] = this.#open.values();
    if (oldest === undefined || performance.now() - oldest.since < this.#limits.graceMs) return false;
    this.#giveUp(oldest, 'others need its place');
    return true;
  }

  /** Bytes have come, or the end. First comes the header of a proxy, if that is due. */
  #heard(handshake: Handshake): void {
    const { socket, introduction } = handshake;
    const bytes = socket.read() as Buffer | null;
    if (bytes === null || introduction === undefined) {
      this.#begun(handshake, bytes);
      return;
    }
    const found = introduction.push(bytes);
    if (found.is === 'begun') this.#whenReadable(handshake);
    else if (found.is === 'wrong') this.#refuse(handshake, this.#host.unproxied(found.problem));
    else {
      handshake.introduction = undefined;
      handshake.peer = found.peer;
      if (!this.#enters(handshake)) return;
      if (found.rest.length > 0) this.#begun(handshake, found.rest);
      else this.#whenReadable(handshake);
    }
  }

  /** The first bytes of a client have come, or its end. They go back, for TLS to read. */
  #begun(handshake: Handshake, bytes: Buffer | null): void {
    const { socket } = handshake;
    const first = bytes?.[0];
    if (bytes === null || first === undefined) {
      // A client that has said nothing, such as one that only looks whether a port is open, has failed at nothing.
      handshake.settled = true;
      socket.destroy();
    } else if (first === HANDSHAKE_RECORD) {
      handshake.begun = true;
      socket.unshift(bytes);
      this.#server.emit('connection', socket);
    } else this.#answer(handshake, first);
  }

  #answer(handshake: Handshake, firstByte: number): void {
    const { socket, peer } = handshake;
    const why = this.#host.notTls(firstByte);
    handshake.settled = true;
    this.#counts.results.failed++;
    this.#warnings.warn(ended(why, { peer: peer.text }));
    clearTimeout(handshake.timer);
    handshake.timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    // What still comes is thrown away: a socket closed over unread bytes is reset, and that can overtake the answer.
    socket.resume();
    socket.end(why.answer ?? '');
  }

  #done(secure: TLSSocket): void {
    const handshake = this.#handshakeOf(secure);
    if (handshake === undefined) {
      secure.destroy(); // it has been given up just now
      return;
    }
    const { socket, take, peer, visit } = handshake;
    handshake.visit = undefined;
    this.#forget(socket);
    this.#counts.done(secure);
    take(new TlsTransport(secure, socket, securePeer(secure, peer)), visit);
  }

  #failedWith(error: Error, secure: TLSSocket): void {
    // Node emits the errors of a connection here too when its handshake was done long ago.
    const handshake = this.#handshakeOf(secure);
    if (handshake !== undefined) this.#giveUp(handshake, handshakeProblem(error, secure));
  }

  #handshakeOf(secure: TLSSocket): Handshake | undefined {
    const socket = socketBelow(secure);
    return socket && this.#open.get(socket);
  }

  #giveUp(handshake: Handshake, problem: string): void {
    if (!handshake.settled) {
      handshake.settled = true;
      this.#counts.results.failed++;
      this.#warnings.warn(told('TLS_HANDSHAKE_FAILED', { peer: handshake.peer.text, problem }));
    }
    this.#forget(handshake.socket);
    handshake.socket.destroy();
  }

  #forget(socket: Socket): void {
    const handshake = this.#open.get(socket);
    clearTimeout(handshake?.timer);
    handshake?.visit?.leave();
    this.#open.delete(socket);
  }
}
