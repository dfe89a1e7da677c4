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
import { peerOf, socketBelow } from '../socket.ts';
import { type AcceptedHandle, acceptedSocket } from '../tcp.ts';
import type { Credentials } from './credentials.ts';
import type { HandshakeCounts } from './handshake-counts.ts';
import { handshakeProblem } from './handshake-problem.ts';
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

/** What a client is told that begins without TLS. */
interface NotTls {
  readonly code: SessionEndCode;
  readonly message: string;
  /** Undefined if nothing is said. */
  readonly answer: Uint8Array | undefined;
}

export interface HandshakeHost {
  readonly warnings: Pick<RateLimitedWarnings, 'warn'>;
  /** @param firstByte what the client began with */
  notTls(firstByte: number): NotTls;
}

interface Handshake {
  readonly socket: Socket;
  readonly peer: string;
  readonly since: number;
  readonly take: (transport: TlsTransport) => void;
  timer: NodeJS.Timeout;
  /** Whether TLS has begun, which reports the end. */
  begun: boolean;
  /** Whether its end has been logged, or is none to log. */
  settled: boolean;
}

export class Handshakes {
  readonly #host: HandshakeHost;
  readonly #limits: HandshakeLimits;
  readonly #server: Server;
  /** Those under way, oldest first. */
  readonly #open = new Map<Socket, Handshake>();
  readonly #counts: HandshakeCounts;

  constructor(credentials: Credentials, host: HandshakeHost, limits: HandshakeLimits = LIMITS) {
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
  begin(handle: AcceptedHandle, take: (transport: TlsTransport) => void): void {
    const socket = acceptedSocket(handle);
    const { text: peer } = peerOf(socket);
    socket.on('error', () => undefined); // it closes, which is what counts
    if (!this.#hasRoom()) {
      this.#counts.results.refused++;
      this.#host.warnings.warn(told('TLS_CROWDED', { handshakes: this.#open.size, peer }));
      socket.destroy();
      return;
    }
    const since = performance.now();
    const timer = setTimeout(() => this.#giveUp(handshake, 'it took too long'), this.#limits.timeoutMs);
    const handshake: Handshake = { socket, peer, since, take, timer, begun: false, settled: false };
    this.#open.set(socket, handshake);
    socket.once('close', () => {
      if (!handshake.begun) this.#forget(socket);
    });
    socket.once('readable', () => this.#begun(handshake));
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

  /** The first bytes of a client have come, or its end. They go back, for TLS to read. */
  #begun(handshake: Handshake): void {
    const { socket } = handshake;
    const bytes = socket.read() as Buffer | null;
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
    this.#host.warnings.warn(ended(why, { peer }));
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
    const { socket, take } = handshake;
    this.#forget(socket);
    this.#counts.done(secure);
    take(new TlsTransport(secure, socket));
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
      this.#host.warnings.warn(told('TLS_HANDSHAKE_FAILED', { peer: handshake.peer, problem }));
    }
    this.#forget(handshake.socket);
    handshake.socket.destroy();
  }

  #forget(socket: Socket): void {
    const handshake = this.#open.get(socket);
    clearTimeout(handshake?.timer);
    this.#open.delete(socket);
  }
}
